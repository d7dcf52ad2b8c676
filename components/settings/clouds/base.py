"""What regions whose cluster warren makes have in common, whichever cloud makes it.

Nothing here is a credential: the account, subscription or project says where, and the deploying
identity comes from the environment.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from components.settings.clouds import registry
from components.settings.clouds.values import WIDEST_API, AuthorizedCidr
from components.settings.everybody import widest
from components.settings.region_base import Finding, RegionBase
from components.settings.values import Model, quantity

ROOM_FOR_PODS = "/16 to /20"

ZONES = 3

RESERVED = 0.8
"""Share of a small node that the kubelet and the cloud's own pods leave to brokers."""

Reclaim = Literal["Retain", "Delete"]
LogRetention = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731]
Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


class Api(Model):
    """Who reaches the cluster's Kubernetes API."""

    authorized: list[AuthorizedCidr] = Field(
        min_length=1,
        max_length=40,
        description="Address ranges of operators and deploying runners. Nobody else reaches the "
        "API.",
    )
    public: bool = Field(
        default=True,
        description="Whether the API has a public address at all, open to the authorized ranges "
        "only; "
        "false needs a runner inside the region's network.",
    )


class Maintenance(Model):
    """When the cloud may upgrade control planes and nodes (UTC). Give each region a day of its
    own."""

    day: Weekday = Field(default="Sunday", description="Day of the week.")
    start: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = Field(
        default="00:00", description="Begin, hh:mm in UTC."
    )
    hours: Annotated[int, Field(ge=12, le=24)] = Field(
        default=12,
        description="Length. GKE asks for 48 hours in 32 days, so one day a week needs 12.",
    )


class CloudRegion(RegionBase):
    """What regions on the clouds have in common."""

    api: Api = Field(description="Who reaches the Kubernetes API.")
    protect: bool = Field(
        default=True,
        description="Refuse to delete what holds messages, and the keys to them. Turn it off by an "
        "`up` of its own before a region is taken down.",
    )
    log_retention_days: LogRetention = Field(
        default=90, description="How long control-plane and flow logs are kept."
    )

    def machines(self) -> tuple[str, int]:
        """The machine type of the brokers' nodes, and how many there are in each zone."""
        raise NotImplementedError

    def findings(self) -> Iterator[Finding]:
        """Whether the nodes can carry the brokers at all."""
        yield from super().findings()
        if widest(self.api.authorized) < WIDEST_API:
            yield (
                "api.authorized",
                "together these open the Kubernetes API to the Internet; give the ranges of your "
                "operators and runners",
            )
        machine_type, per_zone = self.machines()
        broker = self.broker
        if broker.placement.host == "required" and broker.replicas > ZONES * per_zone:
            needed = -(-broker.replicas // ZONES)
            yield (
                "nodes.per_zone",
                f"{broker.replicas} brokers want a node each, and there are {ZONES * per_zone}; "
                f"write {needed}",
            )
        machine = registry.facts(self.cloud).machine(machine_type)
        if machine is None:
            return
        if machine.gib is not None and (
            quantity(broker.resources.memory) > RESERVED * machine.gib * 2**30
        ):
            yield (
                "nodes.machine_type",
                f"{machine_type} has {machine.gib:g} GiB, of which a broker can have "
                f"{RESERVED * machine.gib:g}; it asks for {broker.resources.memory}",
            )
        if machine.cores is not None and (
            quantity(broker.resources.cpu_request) > RESERVED * machine.cores
        ):
            yield (
                "nodes.machine_type",
                f"{machine_type} has {machine.cores} cores, of which a broker can have "
                f"{RESERVED * machine.cores:g}; it asks for {broker.resources.cpu_request}",
            )
