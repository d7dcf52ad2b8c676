"""`warren:clouds:AzureCloud`: everything of a region on Azure, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_azure_native import Provider, resources

from components.clouds.azure.cluster import AzureCluster, AzureClusterArgs
from components.clouds.azure.entry import AzureEntry, AzureEntryArgs
from components.clouds.azure.identity import AzureIdentity, AzureIdentityArgs
from components.clouds.azure.keys import AzureKeys, AzureKeysArgs
from components.clouds.azure.load_balancer import service_annotations
from components.clouds.azure.names import environment, kubelogin_environment
from components.clouds.azure.network import AzureNetwork, AzureNetworkArgs
from components.clouds.azure.node_pools import AzureNodePools, AzureNodePoolsArgs
from components.clouds.azure.storage_class import storage_class
from components.clouds.entry import has_own_address
from components.clouds.provider import kubernetes_provider
from components.clouds.volumes import make_storage_class
from components.context import Context
from components.settings.clouds.azure import AzureRegion

NAME_LIMIT = 63


@dataclass(frozen=True)
class AzureCloudArgs:
    """What the region is made from.

    Attributes:
        context: of the stack.
        settings: of the region.
    """

    context: Context
    settings: AzureRegion


class AzureCloud(pulumi.ComponentResource):
    """Resource group, network, keys, identities, AKS cluster, nodes, storage class; a `Cloud`."""

    provider: kubernetes.Provider
    storage_class: pulumi.Input[str] | None
    egress: Sequence[pulumi.Input[str]]
    service_annotations: Mapping[str, pulumi.Input[str]]
    kubeconfig: pulumi.Input[str] | None
    kube_context: str

    def __init__(
        self, name: str, args: AzureCloudArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:clouds:AzureCloud", name, None, opts)
        settings = args.settings
        tags = args.context.tags(name)
        cluster_name = args.context.physical(name, NAME_LIMIT)
        owner = (settings.subscription, args.context.project, args.context.stack, name)
        azure = Provider(
            name,
            subscription_id=settings.subscription,
            tenant_id=settings.tenant,
            location=settings.location,
            environment=environment(settings.location),
            opts=pulumi.ResourceOptions(parent=self),
        )
        inside = pulumi.ResourceOptions(parent=self, providers={"azure-native": azure})
        group = resources.ResourceGroup(
            name,
            location=settings.location,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, provider=azure, protect=settings.protect),
        )
        identity = AzureIdentity(
            name,
            AzureIdentityArgs(
                subscription=settings.subscription, resource_group=group.name, tags=tags
            ),
            inside,
        )
        keys = AzureKeys(
            name,
            AzureKeysArgs(
                resource_group=group.name,
                tenant=settings.tenant,
                owner=owner,
                identity=identity,
                protect=settings.protect,
                tags=tags,
            ),
            inside,
        )
        watcher = settings.network.network_watcher or f"NetworkWatcher_{settings.location}"
        network = AzureNetwork(
            name,
            AzureNetworkArgs(
                resource_group=group.name,
                location=settings.location,
                cidr=settings.network.cidr,
                public_ports=settings.network.public_ports,
                identity=identity,
                owner=owner,
                watcher_group=settings.network.network_watcher_group,
                watcher=watcher,
                log_retention_days=settings.log_retention_days,
                tags=tags,
            ),
            inside,
        )
        entry = (
            AzureEntry(
                name,
                AzureEntryArgs(
                    location=settings.location,
                    identity=identity,
                    protect=settings.protect,
                    tags=tags,
                ),
                inside,
            )
            if has_own_address(settings.broker.service)
            else None
        )
        subnets = [subnet.id for subnet in network.subnets]
        cluster = AzureCluster(
            name,
            AzureClusterArgs(
                cluster_name=cluster_name,
                resource_group=group.name,
                nodes_group=args.context.physical(f"{name}-nodes", 80),
                tenant=settings.tenant,
                version=settings.kubernetes,
                upgrade_channel=settings.upgrade_channel,
                maintenance=settings.maintenance,
                identity=identity,
                keys=keys,
                ready=[*keys.ready, *network.ready, *([entry.ready] if entry else [])],
                subnet=subnets[0],
                pods=settings.network.pods,
                services=settings.network.services,
                authorized=settings.api.authorized,
                egress=network.egress,
                public=settings.api.public,
                admin_groups=settings.admin_groups,
                login=settings.login,
                environment=kubelogin_environment(settings.location),
                nodes=settings.nodes,
                log_retention_days=settings.log_retention_days,
                protect=settings.protect,
                tags=tags,
            ),
            inside,
        )
        nodes = AzureNodePools(
            name,
            AzureNodePoolsArgs(
                cluster=cluster.cluster,
                resource_group=group.name,
                version=settings.kubernetes,
                subnets=subnets,
                nodes=settings.nodes,
                tags=tags,
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
            storage_class(settings.storage, keys.disks.id, tags),
            args.context.labels("storage", name),
            pulumi.ResourceOptions(parent=self, provider=self.provider),
        )
        self.egress = list(network.egress)
        self.service_annotations = service_annotations(
            tags, (entry.group, entry.address) if entry else None
        )
        self.kubeconfig = cluster.kubeconfig
        self.kube_context = cluster_name
        self.register_outputs({"cluster": cluster_name, "egress": self.egress})
