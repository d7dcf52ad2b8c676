"""Settings of public DNS: the zone, a name a region, and one global name that follows the
primary."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, model_validator

from components.settings.cloud_values import (
    AwsAccount,
    GcpProject,
    GcpRegionName,
    Ipv4Cidr,
    Uuid,
)
from components.settings.clouds import AwsRegion
from components.settings.region_base import RegionBase
from components.settings.values import Label, Model

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


class NamingBase(Model):
    """What the zone's settings have in common on every cloud."""

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


Some = TypeVar("Some", bound=NamingBase)


def _asked_for(naming: Some, whose: str) -> Some:
    if not naming.checker_ranges:
        raise ValueError(
            f"checker_ranges: give the addresses of {whose}, or every region looks dead to them"
        )
    return naming


class AwsNaming(NamingBase):
    """The zone is on Route 53; the global name is made of failover records with health checks."""

    cloud: Literal["aws"]
    account: AwsAccount = Field(description="Account of the zone.")
    zone_id: str | None = Field(
        default=None, pattern=r"^Z[A-Z0-9]+$", description="Existing zone; made if left out."
    )


class AzureNaming(NamingBase):
    """The zone is on Azure DNS; the global name is a Traffic Manager profile with priorities."""

    cloud: Literal["azure"]
    subscription: Uuid = Field(description="Subscription of the zone.")
    tenant: Uuid = Field(description="Entra tenant of the subscription.")
    location: str = Field(
        default="westeurope", description="Location of the resource group, when it is made."
    )
    resource_group: str | None = Field(
        default=None,
        description="Group of an existing zone named like the domain; both are made if left out.",
    )

    @model_validator(mode="after")
    def _checkers(self) -> Self:
        return _asked_for(self, "Traffic Manager's probes (service tag AzureTrafficManager)")


class GcpNaming(NamingBase):
    """The zone is on Cloud DNS; the global name is a primary/backup routing policy."""

    cloud: Literal["gcp"]
    project: GcpProject = Field(description="Project of the zone.")
    zone: str | None = Field(
        default=None,
        pattern=r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$",
        description="Existing managed zone; made if left out.",
    )
    source_regions: Annotated[list[GcpRegionName], Field(min_length=3, max_length=3)] = Field(
        default_factory=lambda: ["us-central1", "europe-west1", "asia-east1"],
        description="Where the checkers stand; Cloud DNS wants three regions.",
    )

    @model_validator(mode="after")
    def _checkers(self) -> Self:
        return _asked_for(self, "Cloud DNS' external checkers (Google publishes them)")

    @model_validator(mode="after")
    def _interval(self) -> Self:
        if self.health_check.interval != 30:
            raise ValueError(
                "health_check.interval: checks of outside addresses run every 30 seconds at "
                "most; write 30"
            )
        return self


Naming = Annotated[AwsNaming | AzureNaming | GcpNaming, Field(discriminator="cloud")]
"""The zone; the key `cloud` tells where. Leave `naming` out where another DNS serves the names."""


def unfollowable(
    naming: Naming | None, regions: Mapping[str, RegionBase], roles: Sequence[str]
) -> str | None:
    """Why the global name can't follow the primary through `roles` on this zone, or None.

    Cloud DNS checks addresses only, never host names, and AWS load balancers have no fixed address.
    """
    if not isinstance(naming, GcpNaming):
        return None
    for name in roles:
        region = regions[name]
        named = region.advertise is not None and not _ADDRESS.match(region.advertise.host)
        if named or (isinstance(region, AwsRegion) and region.advertise is None):
            return (
                f"naming.cloud: Cloud DNS checks the health of addresses only, and region "
                f"'{name}' is "
                "reached by a host name; put the zone on aws or azure"
            )
    return None


_ADDRESS = re.compile(r"^\d+(\.\d+){3}$")
