"""Settings of public DNS: the zone, a name a region, and one global name that follows the
primary."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Literal, TypeVar

from pydantic import Field, field_validator

from components.settings.region_base import AddressType, RegionBase
from components.settings.values import Ipv4Cidr, Label, Model

Path = Annotated[str, Field(pattern=r"^/[A-Za-z0-9/_.-]*$")]


class HealthCheck(Model):
    """How the DNS service asks a region whether it may have the global name.

    `https` asks an address that only the primary answers with 200: the records then follow the role
    and are never edited. `tcp` knows only whether a region is reachable, so the order of the
    records is that of `dr`, and a changed primary edits them.
    """

    kind: Literal["tcp", "https"] = Field(default="tcp", description="What is asked.")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(
        default=5671, description="Port of the region's name."
    )
    path: Path = Field(
        default="/primary", description="Path that answers 200 on the primary; https only."
    )
    interval: Literal[10, 30] = Field(
        default=10, description="Seconds between two questions of one checker."
    )
    failures: Annotated[int, Field(ge=1, le=9)] = Field(
        default=3, description="Failed answers in a row after which a region loses the name."
    )

    @field_validator("kind")
    @classmethod
    def _answered(cls, value: str) -> str:
        if value == "https":
            raise ValueError(
                "nothing in a region answers /primary yet, so that every region would look dead; "
                "write tcp"
            )
        return value


class NamingBase(Model):
    """What the zone's settings have in common on every cloud."""

    cloud: str = Field(description="Says which kind this is; the other keys depend on it.")
    record: Label = Field(default="amqp", description="The global name is <record>.<domain>.")
    ttl: Annotated[int, Field(ge=10, le=3600)] = Field(
        default=30, description="Seconds that resolvers may keep an answer."
    )
    health_check: HealthCheck = Field(
        default_factory=HealthCheck, description="Who has the global name."
    )
    checker_ranges: list[Ipv4Cidr] = Field(
        default_factory=list,
        description="Ranges that the health checks come from, let in by every region's load "
        "balancer. "
        "Route 53's are known; the other clouds' change, and are asked for.",
    )

    def known_checkers(self) -> Sequence[str]:
        """Ranges that this cloud's health checks come from, where it publishes them for good."""
        return ()

    def cannot_follow(self, address: AddressType | None) -> str | None:
        """Why a region reached by such an address can't have the global name; None if it can."""
        del address
        return None


Some = TypeVar("Some", bound=NamingBase)


def asked_for(naming: Some, whose: str) -> Some:
    """`naming` if it names its checkers' ranges, where the cloud does not publish them for good."""
    if not naming.checker_ranges:
        raise ValueError(
            f"checker_ranges: give the addresses of {whose}, or every region looks dead to them"
        )
    return naming


def checker_ranges(naming: NamingBase | None) -> tuple[str, ...]:
    """Where health checks come from: every region's load balancer must let them in."""
    return () if naming is None else (*naming.known_checkers(), *naming.checker_ranges)


def type_of(host: str) -> AddressType:
    """A for an IPv4 address, AAAA for IPv6, CNAME for a name."""
    try:
        return "A" if ipaddress.ip_address(host).version == 4 else "AAAA"
    except ValueError:
        return "CNAME"


def address_type(region: RegionBase) -> AddressType | None:
    """What a region is reached by; None where only its cluster knows."""
    return type_of(region.advertise.host) if region.advertise else region.address_type()


def taken_name(naming: NamingBase | None, regions: Collection[str], roles: int) -> str | None:
    """Why the global name and its chain are a region's name too, which no zone can hold, or None.

    Args:
        naming: the zone.
        regions: names of all regions.
        roles: how many may have the global name; Route 53's chain names a further pair each.
    """
    if naming is None:
        return None
    chain = [naming.record, *(f"{naming.record}-{number}" for number in range(2, max(roles, 2)))]
    for name in chain:
        if name in regions:
            return (
                f"naming.record: the global name would need '{name}' in the zone, which is region "
                f"'{name}' already; choose another record, such as mq"
            )
    return None


def unfollowable(
    naming: NamingBase | None, regions: Mapping[str, RegionBase], roles: Sequence[str]
) -> str | None:
    """Why the global name can't follow the primary through `roles` on this zone, or None."""
    if naming is None:
        return None
    for name in roles:
        reason = naming.cannot_follow(address_type(regions[name]))
        if reason is not None:
            return f"naming.cloud: {reason.format(region=name)}"
    return None
