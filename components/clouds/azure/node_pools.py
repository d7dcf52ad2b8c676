"""`warren:clouds:AzureNodePools`: a pool of nodes in each zone, and one system node.

A pool that is written inside the cluster can't change its size. So that is a single small node,
which takes none of the brokers' pods, and the zones' pools are resources of their own, of mode
System as well: AKS' pods spread over all of them and survive the loss of any zone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import containerservice as aks

from components.clouds.azure.network import ZONES
from components.settings.clouds.azure.region import AzureNodes

DRAIN_MINUTES = 60
"""How long AKS waits for a node's brokers to hand over before an upgrade goes on."""


@dataclass(frozen=True)
class AzureNodePoolsArgs:
    """What the nodes are made from.

    Attributes:
        cluster: the AKS cluster.
        resource_group: that it is in.
        version: Kubernetes minor version.
        subnets: one a zone.
        nodes: sizes.
        tags: of the nodes.
    """

    cluster: aks.ManagedCluster
    resource_group: pulumi.Input[str]
    version: str
    subnets: Sequence[pulumi.Input[str]]
    nodes: AzureNodes
    tags: Mapping[str, str]


class AzureNodePools(pulumi.ComponentResource):
    """Nodes of a region.

    Attributes:
        pools: one a zone.
    """

    pools: list[aks.AgentPool]

    def __init__(
        self, name: str, args: AzureNodePoolsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:clouds:AzureNodePools", name, None, opts)
        self.pools = [
            aks.AgentPool(
                f"{name}-{zone}",
                agent_pool_name=f"zone{zone}",
                resource_group_name=args.resource_group,
                resource_name_=args.cluster.name,
                mode=aks.AgentPoolMode.SYSTEM,
                type=aks.AgentPoolType.VIRTUAL_MACHINE_SCALE_SETS,
                orchestrator_version=args.version,
                availability_zones=[zone],
                vnet_subnet_id=subnet,
                vm_size=args.nodes.machine_type,
                count=args.nodes.per_zone,
                enable_auto_scaling=False,
                os_type=aks.OSType.LINUX,
                os_sku=aks.OSSKU.AZURE_LINUX,
                os_disk_type=aks.OSDiskType.MANAGED,
                os_disk_size_gb=args.nodes.disk_gb,
                enable_encryption_at_host=True,
                enable_node_public_ip=False,
                security_profile=_node_security(),
                upgrade_settings=_upgrades(),
                node_labels=dict(args.tags),
                tags=dict(args.tags),
                # Its name is fixed (12 characters), so an old pool must go before a new one comes;
                # the other zones' brokers carry the region meanwhile.
                opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
            )
            for zone, subnet in zip(ZONES, args.subnets, strict=True)
        ]
        self.register_outputs({"pools": [pool.name for pool in self.pools]})


def system_profile(
    nodes: AzureNodes, subnet: pulumi.Input[str], tags: Mapping[str, str]
) -> aks.ManagedClusterAgentPoolProfileArgs:
    """The node that stays while the zones' pools are replaced; only AKS' own pods may run on it."""
    return aks.ManagedClusterAgentPoolProfileArgs(
        name="system",
        mode=aks.AgentPoolMode.SYSTEM,
        type=aks.AgentPoolType.VIRTUAL_MACHINE_SCALE_SETS,
        count=1,
        availability_zones=[ZONES[0]],
        vnet_subnet_id=subnet,
        vm_size=nodes.system_machine_type,
        os_type=aks.OSType.LINUX,
        os_sku=aks.OSSKU.AZURE_LINUX,
        os_disk_type=aks.OSDiskType.MANAGED,
        os_disk_size_gb=nodes.disk_gb,
        enable_encryption_at_host=True,
        enable_node_public_ip=False,
        node_taints=["CriticalAddonsOnly=true:NoSchedule"],
        security_profile=_node_security(),
        upgrade_settings=_upgrades(),
        tags=dict(tags),
    )


def _node_security() -> aks.AgentPoolSecurityProfileArgs:
    return aks.AgentPoolSecurityProfileArgs(
        enable_secure_boot=True, enable_vtpm=True, ssh_access=aks.AgentPoolSSHAccess.DISABLED
    )


def _upgrades() -> aks.AgentPoolUpgradeSettingsArgs:
    return aks.AgentPoolUpgradeSettingsArgs(
        max_surge="1",
        max_unavailable="0",
        drain_timeout_in_minutes=DRAIN_MINUTES,
        undrainable_node_behavior=aks.UndrainableNodeBehavior.SCHEDULE,
    )
