"""Which name leads where: pure, the same for every cloud."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.settings.naming import NamingBase, type_of
from components.settings.naming import address_type as known_type
from components.settings.region_base import RegionBase
from components.settings.stack import Dr


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


def order(naming: NamingBase, dr: Dr) -> tuple[str, ...]:
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


def address_type(region: RegionBase, host: pulumi.Input[str]) -> pulumi.Input[str]:
    """The record that leads to a region's address. Known beforehand where its cloud is."""
    known = known_type(region)
    return pulumi.Output.from_input(host).apply(type_of) if known is None else known


def zone_place(naming: NamingBase, region: RegionBase) -> str | None:
    """Where a region is, in the words of the zone's cloud; None for a region on another."""
    return region.place() if region.cloud == naming.cloud else None
