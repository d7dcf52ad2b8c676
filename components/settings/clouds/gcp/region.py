"""Settings of a region on Google Cloud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from components.settings.clouds import registry
from components.settings.clouds.base import (
    ROOM_FOR_PODS,
    CloudRegion,
    Maintenance,
    Reclaim,
)
from components.settings.clouds.gcp.places import zones
from components.settings.clouds.gcp.rules import disk_findings, zone_findings
from components.settings.clouds.values import Block, digits
from components.settings.region_base import AddressType, Finding
from components.settings.values import Model

GcpRegionName = Annotated[str, AfterValidator(lambda value: registry.check_place(value, "gcp"))]
GcpMachine = Annotated[str, AfterValidator(lambda value: registry.check_machine(value, "gcp"))]
GcpProject = Annotated[str, StringConstraints(pattern=r"^[a-z][-a-z0-9]{4,28}[a-z0-9]$")]
GcpProjectNumber = Annotated[str, BeforeValidator(digits), StringConstraints(pattern=r"^\d{6,20}$")]


class GcpNetwork(Model):
    """Address ranges of a Google Cloud region."""

    cidr: Block = Field(
        default="10.0.0.0/16",
        description=f"Nodes, pods, services and control plane together, {ROOM_FOR_PODS}; no "
        "other region's.",
    )
    nat_addresses: Annotated[int, Field(ge=1, le=8)] = Field(
        default=2, description="Fixed addresses that pods leave by."
    )


class GcpNodes(Model):
    """Nodes of a Google Cloud region: one pool a zone."""

    machine_type: GcpMachine = Field(
        default="n2-standard-4", description="Machine type: 4 vCPU, 16 GiB."
    )
    per_zone: Annotated[int, Field(ge=1, le=20)] = Field(
        default=1, description="Nodes in each of the three zones."
    )
    disk_gb: Annotated[int, Field(ge=20, le=1000)] = Field(
        default=50, description="Boot disk in GiB."
    )


class GcpStorage(Model):
    """Persistent disks of the brokers."""

    type: Literal["pd-ssd", "pd-balanced", "hyperdisk-balanced"] = Field(
        default="pd-ssd", description="Disk type."
    )
    iops: Annotated[int, Field(ge=3000, le=160000)] | None = Field(
        default=None, description="Hyperdisk only."
    )
    throughput: Annotated[int, Field(ge=140, le=2400)] | None = Field(
        default=None, description="MiB a second; hyperdisk only."
    )
    reclaim: Reclaim = Field(
        default="Retain", description="What becomes of a disk whose claim is deleted."
    )

    @model_validator(mode="after")
    def _fits_type(self) -> Self:
        for key in ("iops", "throughput"):
            if getattr(self, key) is not None and not self.type.startswith("hyperdisk"):
                raise ValueError(
                    f"{key}: {self.type} derives it from the disk's size; use "
                    "hyperdisk-balanced to set it"
                )
        return self


class GcpRegion(CloudRegion):
    """A region on Google Cloud: a VPC network and a GKE cluster."""

    cloud: Literal["gcp"]  # pyright: ignore[reportIncompatibleVariableOverride] - frozen
    project: GcpProject = Field(description="Project identifier.")
    project_number: GcpProjectNumber = Field(
        description="Project number; names the service agents that may use the keys."
    )
    region: GcpRegionName = Field(description="Google Cloud region, such as asia-northeast1.")
    zones: Annotated[list[str], Field(min_length=3, max_length=3)] | None = Field(
        default=None, description="Zones of the region; the first three by default."
    )
    release_channel: Literal["RAPID", "REGULAR", "STABLE", "EXTENDED"] = Field(
        default="STABLE", description="Which Kubernetes versions GKE upgrades to by itself."
    )
    maintenance: Maintenance = Field(default_factory=Maintenance, description="Upgrade window.")
    network: GcpNetwork = Field(default_factory=GcpNetwork, description="Address ranges.")
    nodes: GcpNodes = Field(default_factory=GcpNodes, description="Nodes.")
    storage: GcpStorage = Field(default_factory=GcpStorage, description="Broker volumes.")

    def zone_names(self) -> tuple[str, ...]:
        """The three zones that node pools are in."""
        return tuple(self.zones) if self.zones else zones(self.region)

    def findings(self) -> Iterator[Finding]:
        yield from super().findings()
        yield from zone_findings(self.region, self.zones or ())
        yield from disk_findings(self.nodes.machine_type, self.storage.type)

    def networks(self) -> Mapping[str, str]:
        return {"network.cidr": self.network.cidr}

    def machines(self) -> tuple[str, int]:
        return self.nodes.machine_type, self.nodes.per_zone

    def egress_count(self) -> int:
        return self.network.nat_addresses

    def address_type(self) -> AddressType:
        return "A"

    def place(self) -> str:
        return self.region
