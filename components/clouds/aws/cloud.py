"""`warren:clouds:AwsCloud`: everything of a region on AWS, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_aws import Provider

from components.clouds.aws.cluster import AwsCluster, AwsClusterArgs
from components.clouds.aws.identity import AwsIdentity, AwsIdentityArgs
from components.clouds.aws.keys import AwsKeys, AwsKeysArgs
from components.clouds.aws.load_balancer import service_annotations
from components.clouds.aws.network import AwsNetwork, AwsNetworkArgs
from components.clouds.aws.node_pools import AwsNodePools, AwsNodePoolsArgs
from components.clouds.aws.storage_class import storage_class
from components.clouds.provider import kubernetes_provider
from components.clouds.volumes import make_storage_class
from components.context import Context
from components.settings.clouds.aws import AwsRegion
from components.settings.clouds.aws.places import partition as partition_of

NAME_LIMIT = 63
"""EKS takes 100 characters, but the name becomes labels and tags, too."""


@dataclass(frozen=True)
class AwsCloudArgs:
    """What the region is made from.

    Attributes:
        context: of the stack.
        settings: of the region.
    """

    context: Context
    settings: AwsRegion


class AwsCloud(pulumi.ComponentResource):
    """VPC, keys, roles, EKS cluster, nodes and storage class; fulfils `Cloud`."""

    provider: kubernetes.Provider
    storage_class: pulumi.Input[str] | None
    egress: Sequence[pulumi.Input[str]]
    service_annotations: Mapping[str, pulumi.Input[str]]
    kubeconfig: pulumi.Input[str] | None
    kube_context: str

    def __init__(
        self, name: str, args: AwsCloudArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:clouds:AwsCloud", name, None, opts)
        settings = args.settings
        tags = args.context.tags(name)
        cluster_name = args.context.physical(name, NAME_LIMIT)
        partition = partition_of(settings.region)
        aws = Provider(
            name,
            region=settings.region,
            allowed_account_ids=[settings.account],
            opts=pulumi.ResourceOptions(parent=self),
        )
        inside = pulumi.ResourceOptions(parent=self, providers={"aws": aws})
        keys = AwsKeys(
            name,
            AwsKeysArgs(
                partition=partition,
                account=settings.account,
                region=settings.region,
                protect=settings.protect,
                tags=tags,
            ),
            inside,
        )
        network = AwsNetwork(
            name,
            AwsNetworkArgs(
                cluster_name=cluster_name,
                cidr=settings.network.cidr,
                zones=settings.zone_ids(),
                account=settings.account,
                log_key=keys.cluster.arn,
                log_retention_days=settings.log_retention_days,
                tags=tags,
            ),
            inside,
        )
        identity = AwsIdentity(
            name,
            AwsIdentityArgs(
                partition=partition,
                cluster_arn=(
                    f"arn:{partition}:eks:{settings.region}:{settings.account}"
                    f":cluster/{cluster_name}"
                ),
                volumes_key=keys.volumes.arn,
                cluster_key=keys.cluster.arn,
                tags=tags,
            ),
            inside,
        )
        subnets = [subnet.id for subnet in network.private]
        cluster = AwsCluster(
            name,
            AwsClusterArgs(
                cluster_name=cluster_name,
                region=settings.region,
                partition=partition,
                version=settings.kubernetes,
                role=identity.cluster.arn,
                role_ready=identity.attachments,
                subnets=subnets,
                services=settings.network.services,
                authorized=settings.api.authorized,
                public=settings.api.public,
                secrets_key=keys.cluster.arn,
                log_retention_days=settings.log_retention_days,
                admins=settings.admins,
                protect=settings.protect,
                tags=tags,
            ),
            inside,
        )
        nodes = AwsNodePools(
            name,
            AwsNodePoolsArgs(
                cluster=cluster.cluster,
                version=settings.kubernetes,
                role=identity.nodes.arn,
                role_ready=identity.attachments,
                network_ready=network.ready,
                network_driver_role=identity.network_driver.arn,
                volume_driver_role=identity.volume_driver.arn,
                subnets=subnets,
                machine_type=settings.nodes.machine_type,
                per_zone=settings.nodes.per_zone,
                disk_gb=settings.nodes.disk_gb,
                disk_key=keys.volumes.arn,
                tags=tags,
            ),
            inside,
        )
        self.provider = kubernetes_provider(
            name,
            context=cluster_name,
            kubeconfig=cluster.kubeconfig,
            cluster_identifier=args.context.cluster_name(name),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*cluster.access, *nodes.ready]),
        )
        self.storage_class = make_storage_class(
            name,
            storage_class(settings.storage, keys.volumes.arn, tags),
            args.context.labels("storage", name),
            pulumi.ResourceOptions(parent=self, provider=self.provider),
        )
        self.egress = list(network.egress)
        self.service_annotations = service_annotations(tags)
        self.kubeconfig = cluster.kubeconfig
        self.kube_context = cluster_name
        self.register_outputs({"cluster": cluster_name, "egress": self.egress})
