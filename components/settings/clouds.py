"""Settings of regions whose cluster warren makes: one arm a cloud, each with its own fields only.

Defaults are those of the project's documents or newer. Nothing here is a credential: the account,
subscription or project says where, and the deploying identity comes from the environment.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from components.settings.cloud_values import (
    AuthorizedCidr,
    AwsAccount,
    AwsMachine,
    AwsPrincipal,
    AwsRegionName,
    AzureLocation,
    AzureMachine,
    Block,
    GcpMachine,
    GcpProject,
    GcpProjectNumber,
    GcpRegionName,
    PrivateCidr,
    Uuid,
)
from components.settings.places import aws_zones, gcp_zones
from components.settings.region_base import RegionBase
from components.settings.values import Model, Series

ROOM_FOR_PODS = "/16 to /20"


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
    """What regions on the three clouds have in common."""

    api: Api = Field(description="Who reaches the Kubernetes API.")
    protect: bool = Field(
        default=True,
        description="Refuse to delete what holds messages, and the keys to them. Turn it off by an "
        "`up` of its own before a region is taken down.",
    )
    log_retention_days: LogRetention = Field(
        default=90, description="How long control-plane and flow logs are kept."
    )


class AwsNetwork(Model):
    """Address ranges of an AWS region."""

    cidr: Block = Field(
        default="10.0.0.0/16", description=f"The VPC, {ROOM_FOR_PODS}; no other region's."
    )
    services: PrivateCidr = Field(
        default="172.20.0.0/16", description="Kubernetes services; seen inside the cluster only."
    )


class AwsNodes(Model):
    """Nodes of an AWS region: one managed group a zone."""

    machine_type: AwsMachine = Field(
        default="m7i.xlarge", description="EC2 instance type: 4 vCPU, 16 GiB."
    )
    per_zone: Annotated[int, Field(ge=1, le=20)] = Field(
        default=1, description="Nodes in each of the three zones."
    )
    disk_gb: Annotated[int, Field(ge=20, le=1000)] = Field(
        default=50, description="Root volume in GiB."
    )


class AwsStorage(Model):
    """EBS volumes of the brokers."""

    type: Literal["gp3", "io2"] = Field(default="gp3", description="EBS volume type.")
    iops: Annotated[int, Field(ge=3000, le=80000)] = Field(
        default=3000, description="I/O operations a second."
    )
    throughput: Annotated[int, Field(ge=125, le=2000)] | None = Field(
        default=125, description="MiB a second; gp3 only."
    )
    reclaim: Reclaim = Field(
        default="Retain", description="What becomes of a volume whose claim is deleted."
    )

    @model_validator(mode="after")
    def _fits_type(self) -> Self:
        if self.type == "io2" and self.throughput not in (None, 125):
            raise ValueError("throughput: io2 derives it from iops; leave it out")
        return self


class AwsRegion(CloudRegion):
    """A region on AWS: a VPC and an EKS cluster."""

    cloud: Literal["aws"]
    account: AwsAccount = Field(
        description="Account number; another account's credentials are refused."
    )
    region: AwsRegionName = Field(description="AWS region, such as us-east-1.")
    zones: Annotated[list[str], Field(min_length=3, max_length=3)] | None = Field(
        default=None,
        description="Zone identifiers (use1-az1); three where EKS is offered by default.",
    )
    kubernetes: Series = Field(default="1.35", description="Kubernetes minor version.")
    admins: list[AwsPrincipal] = Field(
        min_length=1,
        description="IAM roles (ARN) that administer the cluster, the deploying one among them.",
    )
    network: AwsNetwork = Field(default_factory=AwsNetwork, description="Address ranges.")
    nodes: AwsNodes = Field(default_factory=AwsNodes, description="Nodes.")
    storage: AwsStorage = Field(default_factory=AwsStorage, description="Broker volumes.")

    @model_validator(mode="after")
    def _three_zones(self) -> Self:
        if self.region == "us-west-1" and self.zones is None:
            raise ValueError(
                "region: us-west-1 gives an account two zones, and a majority of brokers needs "
                "three; use us-west-2"
            )
        return self

    def zone_ids(self) -> tuple[str, ...]:
        """The three zones that nodes and subnets are spread over."""
        return tuple(self.zones) if self.zones else aws_zones(self.region)


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
        default="Standard_D2s_v5",
        description="Size of the one node that stays while broker pools are replaced.",
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

    cloud: Literal["azure"]
    subscription: Uuid = Field(description="Subscription that everything is made in.")
    tenant: Uuid = Field(description="Entra tenant of the subscription.")
    location: AzureLocation = Field(description="Azure location with zones, such as westeurope.")
    kubernetes: Series = Field(default="1.35", description="Kubernetes minor version.")
    upgrade_channel: Literal["patch", "stable", "node-image", "none"] = Field(
        default="patch", description="What AKS upgrades by itself within the maintenance window."
    )
    maintenance: Maintenance = Field(default_factory=Maintenance, description="Upgrade window.")
    admin_groups: list[Uuid] = Field(
        min_length=1,
        description="Entra groups (object id) that administer the cluster, the deploying "
        "identity in one of them.",
    )
    login: Literal["azurecli", "workloadidentity", "msi", "devicecode", "azd"] = Field(
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

    cloud: Literal["gcp"]
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
        return tuple(self.zones) if self.zones else gcp_zones(self.region)
