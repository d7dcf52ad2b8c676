"""Who is joined to whom, whatever the kinds. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components.settings.links import LinkBase
from components.settings.region_base import RegionBase
from components.settings.topology import Topology
from components.settings.values import quantity


def peers(region: str, links: Sequence[LinkBase]) -> list[str]:
    """The regions that a region is linked with, either way.

    Either way, since after a failover the links run in the other direction, and nobody wants to wait
    for an address list then.
    """
    ends = {link.to for link in links if link.from_ == region}
    return sorted(ends | {link.from_ for link in links if link.to == region})


def sources(region: str, links: Sequence[LinkBase]) -> list[str]:
    """The regions that a region dials."""
    return sorted({link.from_ for link in links if link.to == region})


def room(
    regions: Mapping[str, RegionBase], links: Sequence[LinkBase], topology: Topology
) -> dict[str, int]:
    """Bytes that each queue kept for a link may take in each region, by default.

    An eighth of what a broker's volume has above the limit under which it blocks publishers, of which
    every node has a member. With more than four such queues, all of them together have half: the
    other half is the applications'. So up to four links come and go without a change to the others.
    """
    found: dict[str, int] = {}
    for name, region in regions.items():
        queues = sum(link.kept(topology.vhosts[link.vhost]) for link in links if link.from_ == name)
        broker = region.broker
        free = quantity(broker.storage) - quantity(broker.configuration.disk_free_limit)
        found[name] = int(free / 2) // max(queues, 4)
    return found
