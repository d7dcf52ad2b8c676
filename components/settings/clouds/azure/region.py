"""Settings of a region on Azure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from components.settings.clouds import registry
from components.settings.clouds.azure.places import zonal
from components.settings.clouds.azure.rules import (
    log_findings,
    machine_findings,
    range_findings,
    service_findings,
    system_findings,
)
from components.settings.clouds.base import (
    ROOM_FOR_PODS,
    ZONES,
    CloudRegion,
    Maintenance,
    Reclaim,
)
from components.settings.clouds.values import Block, PrivateCidr, Uuid
from components.settings.clouds.versions import twice, version_findings
from components.settings.region_base import AddressType, Finding
from components.settings.values import Model, Series

KUBERNETES = ("1.35", "1.37")
"""Oldest and newest minor version with community support on AKS, which is N-2 to N (AKS, "Supported
Kubernetes versions"); older ones are for the Premium tier's long-term support."""

AzureLocation = Annotated[
    str,
    AfterValidator(lambda value: registry.check_place(value, "azure")),
    AfterValidator(zonal),
]
AzureMachine = Annotated[str, AfterValidator(lambda value: registry.check_machine(value, "azure"))]


class AzureNetwork(Model):
    """Address ranges of an Azure region."""

    cidr: Block = Field(
        default="10.0.0.0/16",
        description=f"The virtual network, {ROOM_FOR_PODS}; no other region's.",
    )
    services: PrivateCidr = Field(
        default="172.20.0.0/16", description="Kubernetes services; inside the cluster only."
    )
    pods: PrivateCidr = Field(
        default="172.21.0.0/16", description="Overlay network of pods; inside the cluster only."
    )
    public_ports: list[Annotated[int, Field(ge=1, le=65535)]] = Field(
        default_factory=lambda: [5671],
        description="TCP ports that may be reached from the Internet at all: AMQPS, and 443 for a "
        "management ingress.",
    )
    network_watcher_group: str = Field(
        default="NetworkWatcherRG",
        min_length=1,
        description="Resource group of the subscription's Network Watcher, which keeps the flow "
        "logs.",
    )
    network_watcher: str | None = Field(
        default=None,
        description="Its name; NetworkWatcher_<location> by default, which Azure makes itself.",
    )


class AzureNodes(Model):
    """Nodes of an Azure region: one pool a zone, and a small one for AKS' own pods."""

    machine_type: AzureMachine = Field(
        default="Standard_D4s_v5", description="VM size: 4 vCPU, 16 GiB."
    )
    per_zone: Annotated[int, Field(ge=1, le=20)] = Field(
        default=1, description="Nodes in each of the three zones."
    )
    disk_gb: Annotated[int, Field(ge=30, le=1000)] = Field(
        default=64, description="Operating system disk in GiB."
    )
    system_machine_type: AzureMachine = Field(
        default="Standard_D4s_v5",
        description="Size of the one node that stays while broker pools are replaced; 4 vCPUs at "
        "least, as AKS asks for.",
    )


class AzureStorage(Model):
    """Managed disks of the brokers."""

    sku: Literal["Premium_LRS", "Premium_ZRS", "PremiumV2_LRS"] = Field(
        default="Premium_LRS", description="Disk type; ZRS survives a zone, V2 has IOPS of its own."
    )
    iops: Annotated[int, Field(ge=3000, le=80000)] | None = Field(
        default=None, description="PremiumV2_LRS only."
    )
    throughput: Annotated[int, Field(ge=125, le=1200)] | None = Field(
        default=None, description="MB a second; PremiumV2_LRS only."
    )
    reclaim: Reclaim = Field(
        default="Retain", description="What becomes of a disk whose claim is deleted."
    )

    @model_validator(mode="after")
    def _fits_sku(self) -> Self:
        for key in ("iops", "throughput"):
            if getattr(self, key) is not None and self.sku != "PremiumV2_LRS":
                raise ValueError(
                    f"{key}: {self.sku} derives it from the disk's size; use PremiumV2_LRS to "
                    "set it"
                )
        return self


class AzureRegion(CloudRegion):
    """A region on Azure: a resource group, a virtual network and an AKS cluster."""

    cloud: Literal["azure"]  # pyright: ignore[reportIncompatibleVariableOverride] - frozen
    subscription: Uuid = Field(description="Subscription that everything is made in.")
    tenant: Uuid = Field(description="Entra tenant of the subscription.")
    location: AzureLocation = Field(description="Azure location with zones, such as westeurope.")
    kubernetes: Series = Field(default="1.36", description="Kubernetes minor version.")
    upgrade_channel: Literal["patch", "node-image", "none"] = Field(
        default="patch",
        description="What AKS upgrades by itself within the maintenance window: never the minor "
        "version, which `kubernetes` pins.",
    )
    maintenance: Maintenance = Field(default_factory=Maintenance, description="Upgrade window.")
    admin_groups: list[Uuid] = Field(
        min_length=1,
        description="Entra groups (object id) that administer the cluster, the deploying "
        "identity in one of them.",
    )
    login: Literal["azurecli", "workloadidentity", "msi", "azd"] = Field(
        default="azurecli",
        description="How kubelogin gets its token; workloadidentity in a pipeline.",
    )
    network: AzureNetwork = Field(default_factory=AzureNetwork, description="Address ranges.")
    nodes: AzureNodes = Field(default_factory=AzureNodes, description="Nodes.")
    storage: AzureStorage = Field(default_factory=AzureStorage, description="Broker volumes.")

    @model_validator(mode="after")
    def _page_reachable(self) -> Self:
        if self.management is not None and 443 not in self.network.public_ports:
            raise ValueError(
                "network.public_ports: the management ingress is served on 443, and the network's "
                "security group would drop it; add 443"
            )
        return self

    def findings(self) -> Iterator[Finding]:
        yield from super().findings()
        yield from version_findings("AKS", self.kubernetes, *KUBERNETES)
        yield from twice("admin_groups", self.admin_groups)
        yield from range_findings({**self.networks(), **self.inner_ranges()})
        yield from service_findings(self.network.services)
        yield from machine_findings(
            "nodes.machine_type", self.nodes.machine_type, sku=self.storage.sku
        )
        yield from system_findings(self.nodes.system_machine_type)
        yield from log_findings(self.log_retention_days)

    def networks(self) -> Mapping[str, str]:
        return {"network.cidr": self.network.cidr}

    def inner_ranges(self) -> Mapping[str, str]:
        return {"network.services": self.network.services, "network.pods": self.network.pods}

    def machines(self) -> tuple[str, int]:
        return self.nodes.machine_type, self.nodes.per_zone

    def egress_count(self) -> int:
        return ZONES

    def address_type(self) -> AddressType:
        return "A"

    def place(self) -> str:
        return self.location

    def kubernetes_version(self) -> str:
        return self.kubernetes
