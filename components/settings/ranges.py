"""Rules on address ranges: nobody's range may stand for two places, and no entry is for
everybody."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterator, Mapping

from components.settings.region_base import RegionBase

Range = tuple[str, str]
"""Path of the key, and the range that it has."""


def _networks(regions: Mapping[str, RegionBase]) -> Iterator[Range]:
    for name, region in regions.items():
        for key, cidr in region.networks().items():
            yield f"regions.{name}.{key}", cidr


def _inside(regions: Mapping[str, RegionBase]) -> Iterator[Range]:
    """Ranges that are seen inside one cluster only; two clusters may share them."""
    for name, region in regions.items():
        for key, cidr in region.inner_ranges().items():
            yield f"regions.{name}.{key}", cidr


def overlap(regions: Mapping[str, RegionBase]) -> str | None:
    """The first overlap of address ranges as a sentence, or None.

    Networks of two regions may not overlap, since they could then never be peered and a route would
    have two meanings. A range inside a cluster may not overlap any region's network either: its
    pods would take the other region's addresses for their own services.
    """
    networks = list(_networks(regions))
    taken = [*networks, *_inside(regions)]
    for number, (path, cidr) in enumerate(networks):
        for other_path, other in networks[:number]:
            if _overlaps(cidr, other):
                return f"{path}: {cidr} overlaps {other} of {other_path}; {_free(cidr, taken)}"
    for number, (path, cidr) in enumerate(_inside(regions)):
        for other_path, other in networks:
            if _overlaps(cidr, other):
                return f"{path}: {cidr} overlaps {other} of {other_path}; {_free(cidr, taken)}"
        for other_path, other in list(_inside(regions))[:number]:
            same_region = path.split(".")[1] == other_path.split(".")[1]
            if same_region and _overlaps(cidr, other):
                return f"{path}: {cidr} overlaps {other} of {other_path}; {_free(cidr, taken)}"
    return None


def open_entry(regions: Mapping[str, RegionBase], pairs: Collection[tuple[str, str]]) -> str | None:
    """The first region whose entry names nobody, as a sentence, or None.

    To Kubernetes a load balancer without source ranges is one for the whole Internet; and the network
    policy would let nobody in.

    Args:
        regions: by name.
        pairs: linked regions; each lets in the other's addresses, if they are known.
    """
    both_ways = {*pairs, *((to, from_) for from_, to in pairs)}
    linked = {name for name, peer in both_ways if regions[peer].egress_count()}
    for name, region in regions.items():
        service = region.broker.service
        if service.type != "ClusterIP" and not service.allowed_sources and name not in linked:
            return (
                f"regions.{name}.broker.service.allowed_sources: nobody is named, and to a load "
                "balancer that means everybody; give the clients' ranges ([0.0.0.0/0] if everybody "
                "is meant), or write type: ClusterIP"
            )
    return None


def too_many_sources(
    regions: Mapping[str, RegionBase], pairs: Collection[tuple[str, str]], checkers: int
) -> str | None:
    """The first region whose cloud can't hold the sources that its entry lets in, or None.

    Args:
        regions: by name.
        pairs: linked regions; each lets in the other's addresses.
        checkers: ranges of the global name's health checks, which every entry lets in.
    """
    both_ways = {*pairs, *((to, from_) for from_, to in pairs)}
    for name, region in regions.items():
        service = region.broker.service
        if service.type != "LoadBalancer":
            continue
        peers = {peer for own, peer in both_ways if own == name}
        linked = sum(regions[peer].egress_count() for peer in peers)
        for key, text in region.source_findings(len(service.allowed_sources) + linked + checkers):
            return f"regions.{name}.{key}: {text}"
    return None


def _overlaps(one: str, other: str) -> bool:
    return ipaddress.ip_network(one).overlaps(ipaddress.ip_network(other))


def _free(like: str, taken: list[Range]) -> str:
    size = ipaddress.ip_network(like).prefixlen
    for candidate in ipaddress.ip_network("10.0.0.0/8").subnets(new_prefix=max(size, 8)):
        if not any(_overlaps(str(candidate), cidr) for _, cidr in taken):
            return f"{candidate} is free"
    return "choose another range"
