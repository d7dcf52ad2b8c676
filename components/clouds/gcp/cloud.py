"""`warren:clouds:GcpCloud`: everything of a region on Google Cloud, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_gcp import Provider, compute

from components.clouds.entry import has_own_address
from components.clouds.gcp.cluster import GcpCluster, GcpClusterArgs
from components.clouds.gcp.identity import ACCOUNT_LIMIT, GcpIdentity, GcpIdentityArgs
from components.clouds.gcp.keys import GcpKeys, GcpKeysArgs
from components.clouds.gcp.load_balancer import service_annotations
from components.clouds.gcp.logs import GcpLogs, GcpLogsArgs
from components.clouds.gcp.network import GcpNetwork, GcpNetworkArgs
from components.clouds.gcp.node_pools import GcpNodePools, GcpNodePoolsArgs
from components.clouds.gcp.storage_class import storage_class
from components.clouds.provider import kubernetes_provider
from components.clouds.volumes import make_storage_class
from components.context import Context
from components.settings.clouds.gcp import GcpRegion

NAME_LIMIT = 40
"""Of GKE's cluster names."""

BUCKET_LIMIT = 90
"""Of log buckets' names (100), less a suffix."""


@dataclass(frozen=True)
class GcpCloudArgs:
    """What the region is made from.

    Attributes:
        context: of the stack.
        settings: of the region.
    """

    context: Context
    settings: GcpRegion


class GcpCloud(pulumi.ComponentResource):
    """Network, keys, account, GKE cluster, nodes and storage class; fulfils `Cloud`."""

    provider: kubernetes.Provider
    storage_class: pulumi.Input[str] | None
    egress: Sequence[pulumi.Input[str]]
    service_annotations: Mapping[str, pulumi.Input[str]]
    kubeconfig: pulumi.Input[str] | None
    kube_context: str

    def __init__(
        self, name: str, args: GcpCloudArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:clouds:GcpCloud", name, None, opts)
        settings = args.settings
        labels = args.context.tags(name)
        cluster_name = args.context.physical(name, NAME_LIMIT)
        gcp = Provider(
            name,
            project=settings.project,
            region=settings.region,
            opts=pulumi.ResourceOptions(parent=self),
        )
        inside = pulumi.ResourceOptions(parent=self, providers={"gcp": gcp})
        keys = GcpKeys(
            name,
            GcpKeysArgs(
                project=settings.project,
                project_number=settings.project_number,
                region=settings.region,
                protect=settings.protect,
                labels=labels,
            ),
            inside,
        )
        identity = GcpIdentity(
            name,
            GcpIdentityArgs(
                project=settings.project,
                account_id=args.context.physical(name, ACCOUNT_LIMIT),
            ),
            inside,
        )
        network = GcpNetwork(
            name,
            GcpNetworkArgs(
                region=settings.region,
                cidr=settings.network.cidr,
                nat_addresses=settings.network.nat_addresses,
                labels=labels,
            ),
            inside,
        )
        GcpLogs(
            name,
            GcpLogsArgs(
                project=settings.project,
                region=settings.region,
                bucket=args.context.physical(name, BUCKET_LIMIT),
                cluster_name=cluster_name,
                subnet=network.subnet.name,
                nat=network.nat.name,
                days=settings.log_retention_days,
            ),
            inside,
        )
        cluster = GcpCluster(
            name,
            GcpClusterArgs(
                cluster_name=cluster_name,
                project=settings.project,
                region=settings.region,
                zones=settings.zone_names(),
                network=network,
                release_channel=settings.release_channel,
                maintenance=settings.maintenance,
                authorized=settings.api.authorized,
                public=settings.api.public,
                secrets_key=keys.cluster.id,
                disk_key=keys.volumes.id,
                node_account=identity.nodes.email,
                ready=[*keys.ready, *identity.ready, *network.ready],
                protect=settings.protect,
                labels=labels,
            ),
            inside,
        )
        nodes = GcpNodePools(
            name,
            GcpNodePoolsArgs(
                cluster=cluster.cluster,
                region=settings.region,
                zones=settings.zone_names(),
                account=identity.nodes.email,
                machine_type=settings.nodes.machine_type,
                per_zone=settings.nodes.per_zone,
                disk_gb=settings.nodes.disk_gb,
                disk_key=keys.volumes.id,
                tag=cluster_name,
                labels=labels,
            ),
            inside,
        )
        self.provider = kubernetes_provider(
            name,
            context=cluster_name,
            kubeconfig=cluster.kubeconfig,
            cluster_identifier=args.context.cluster_name(name),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*nodes.pools]),
        )
        self.storage_class = make_storage_class(
            name,
            storage_class(settings.storage, keys.volumes.id, labels),
            args.context.labels("storage", name),
            pulumi.ResourceOptions(parent=self, provider=self.provider),
        )
        self.egress = list(network.egress)
        self.service_annotations = service_annotations(
            compute.Address(
                f"{name}-entry",
                region=settings.region,
                address_type="EXTERNAL",
                network_tier="PREMIUM",
                labels=labels,
                opts=pulumi.ResourceOptions(parent=self, provider=gcp, protect=settings.protect),
            ).name
            if has_own_address(settings.broker.service)
            else None
        )
        self.kubeconfig = cluster.kubeconfig
        self.kube_context = cluster_name
        self.register_outputs({"cluster": cluster_name, "egress": self.egress})
