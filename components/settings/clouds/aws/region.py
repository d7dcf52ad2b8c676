"""Settings of a region on AWS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from components.settings.clouds import registry
from components.settings.clouds.aws.places import zones
from components.settings.clouds.aws.rules import (
    RULES_QUOTA,
    rules_for,
    service_findings,
    source_ranges_that_fit,
    volume_findings,
    zone_findings,
)
from components.settings.clouds.base import (
    ROOM_FOR_PODS,
    ZONES,
    CloudRegion,
    Reclaim,
)
from components.settings.clouds.values import Block, PrivateCidr, digits
from components.settings.clouds.versions import twice, version_findings
from components.settings.region_base import AddressType, Finding
from components.settings.values import Model, Series, quantity

KUBERNETES = ("1.32", "1.36")
"""Oldest (extended support to 2027-03-23) and newest (since 2026-06-02) minor version of EKS (EKS user
guide, "Kubernetes version lifecycle")."""

AwsRegionName = Annotated[str, AfterValidator(lambda value: registry.check_place(value, "aws"))]
AwsMachine = Annotated[str, AfterValidator(lambda value: registry.check_machine(value, "aws"))]
AwsAccount = Annotated[str, BeforeValidator(digits), StringConstraints(pattern=r"^\d{12}$")]
AwsPrincipal = Annotated[
    str, StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::\d{12}:(role|user)/[\w+=,.@/-]+$")
]


class AwsNetwork(Model):
    """Address ranges of an AWS region."""

    cidr: Block = Field(
        default="10.0.0.0/16", description=f"The VPC, {ROOM_FOR_PODS}; no other region's."
    )
    services: PrivateCidr = Field(
        default="172.20.0.0/16", description="Kubernetes services; seen inside the cluster only."
    )
    security_group_rules: Annotated[int, Field(ge=RULES_QUOTA, le=1000)] = Field(
        default=RULES_QUOTA,
        description="The account's quota of inbound rules of a security group (L-0EA8095F); each "
        "source range of the brokers' entry takes two.",
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

    cloud: Literal["aws"]  # pyright: ignore[reportIncompatibleVariableOverride] - frozen
    account: AwsAccount = Field(
        description="Account number; another account's credentials are refused."
    )
    region: AwsRegionName = Field(description="AWS region, such as us-east-1.")
    zones: Annotated[list[str], Field(min_length=3, max_length=3)] | None = Field(
        default=None,
        description="Zone identifiers (use1-az1); three where EKS is offered by default.",
    )
    kubernetes: Series = Field(default="1.36", description="Kubernetes minor version.")
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
        return tuple(self.zones) if self.zones else zones(self.region)

    def findings(self) -> Iterator[Finding]:
        yield from super().findings()
        yield from version_findings("EKS", self.kubernetes, *KUBERNETES)
        yield from zone_findings(self.region, self.zones or ())
        yield from twice("admins", self.admins)
        yield from service_findings(self.network.services)
        storage = self.storage
        size = quantity(self.broker.storage) / 2**30
        yield from volume_findings(storage.type, storage.iops, storage.throughput, size)

    def source_findings(self, ranges: int) -> Iterator[Finding]:
        """The load balancer's sources become rules of the nodes' security group."""
        quota = self.network.security_group_rules
        fit = source_ranges_that_fit(quota)
        if ranges > fit:
            yield (
                "broker.service.allowed_sources",
                f"{ranges} ranges make {rules_for(ranges)} rules of the nodes' security group, "
                f"whose quota is {quota}, enough for {fit}: clients' ranges, the linked regions' "
                "addresses and health checkers count. Join ranges, or have the quota raised and "
                "write it as network.security_group_rules",
            )

    def networks(self) -> Mapping[str, str]:
        return {"network.cidr": self.network.cidr}

    def inner_ranges(self) -> Mapping[str, str]:
        return {"network.services": self.network.services}

    def machines(self) -> tuple[str, int]:
        return self.nodes.machine_type, self.nodes.per_zone

    def egress_count(self) -> int:
        return ZONES

    def address_type(self) -> AddressType:
        return "CNAME"

    def place(self) -> str:
        return self.region

    def kubernetes_version(self) -> str:
        return self.kubernetes
