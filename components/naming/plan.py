"""Which name leads where: pure, the same for every cloud."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.settings.naming import AwsNaming, Naming
from components.settings.regions import AwsRegion, ExistingRegion, GcpRegion, Region
from components.settings.stack import Dr

ROUTE_53_CHECKERS: tuple[str, ...] = (
    *("15.177.0.0/18", "54.183.255.128/26", "54.228.16.0/26", "54.232.40.64/26"),
    *("54.241.32.64/26", "54.243.31.192/26", "54.244.52.192/26", "54.245.168.0/26"),
    *("54.248.220.0/26", "54.250.253.192/26", "54.251.31.128/26", "54.252.79.128/26"),
    *("54.252.254.192/26", "54.255.254.192/26", "107.23.255.0/26", "176.34.159.192/26"),
    "177.71.207.128/26",
)
"""Route 53's health checkers, as AWS publishes them (ip-ranges.json, ROUTE53_HEALTHCHECKS)."""


@dataclass(frozen=True)
class Tier:
    """One failover pair of a chain.

    Attributes:
        record: the name, relative to the domain.
        region: who has it while healthy.
        otherwise: the region, or the next pair's record, that has it else.
        last: whether `otherwise` is a region.
    """

    record: str
    region: str
    otherwise: str
    last: bool


def order(naming: Naming, dr: Dr) -> tuple[str, ...]:
    """The regions that may have the global name, the first choice first.

    A check that knows the role needs no order: the names' order is as good as any, and does not
    change at a failover, so that no record does. A check that knows only who is reachable needs the
    primary to stand first, and a failover then edits records.
    """
    roles = [dr.primary, *dr.standby]
    return tuple(roles if naming.health_check.kind == "tcp" else sorted(roles))


def failover_chain(record: str, regions: Sequence[str]) -> list[Tier]:
    """Pairs that together prefer the first healthy region of any number of them.

    DNS failover knows a first and a second choice. With more regions, the second choice is the
    name of the next pair: amqp -> use1, else amqp-2; amqp-2 -> weu, else ane1.
    """
    tiers: list[Tier] = []
    for number, region in enumerate(regions[:-1]):
        name = record if number == 0 else f"{record}-{number + 1}"
        last = number == len(regions) - 2
        otherwise = regions[-1] if last else f"{record}-{number + 2}"
        tiers.append(Tier(record=name, region=region, otherwise=otherwise, last=last))
    return tiers


def checker_ranges(naming: Naming | None) -> tuple[str, ...]:
    """Where health checks come from: every region's load balancer must let them in."""
    if naming is None:
        return ()
    known = ROUTE_53_CHECKERS if isinstance(naming, AwsNaming) else ()
    return (*known, *naming.checker_ranges)


def address_type(region: Region, host: pulumi.Input[str]) -> pulumi.Input[str]:
    """A or CNAME: what a region's address is. Known beforehand but for foreign clusters."""
    if region.advertise is not None:
        return type_of(region.advertise.host)
    if isinstance(region, ExistingRegion):
        return pulumi.Output.from_input(host).apply(type_of)
    return "CNAME" if isinstance(region, AwsRegion) else "A"


def google_place(region: Region) -> str | None:
    """The Google Cloud region that a region is in, if it is."""
    return region.region if isinstance(region, GcpRegion) else None


def type_of(host: str) -> str:
    """A for an IPv4 address, AAAA for IPv6, CNAME for a name."""
    try:
        return "A" if ipaddress.ip_address(host).version == 4 else "AAAA"
    except ValueError:
        return "CNAME"
