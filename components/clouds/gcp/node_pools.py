"""`warren:clouds:GcpNodePools`: a pool of nodes in each zone.

One pool a zone, since a broker's disk lives in one zone: a lost node is replaced where its disk
is. No autoscaler: quorum members are never scaled in by a load curve.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_gcp import container


@dataclass(frozen=True)
class GcpNodePoolsArgs:
    """What the nodes are made from.

    Attributes:
        cluster: the GKE cluster.
        region: of Google Cloud.
        zones: three.
        account: email of the nodes' account.
        machine_type: Google's machine type.
        per_zone: nodes in each zone.
        disk_gb: boot disk in GiB.
        disk_key: the key that encrypts it.
        tag: network tag of every node.
        labels: of nodes and of their disks.
    """

    cluster: container.Cluster
    region: str
    zones: Sequence[str]
    account: pulumi.Input[str]
    machine_type: str
    per_zone: int
    disk_gb: int
    disk_key: pulumi.Input[str]
    tag: str
    labels: Mapping[str, str]


class GcpNodePools(pulumi.ComponentResource):
    """Nodes of a region.

    Attributes:
        pools: one a zone.
    """

    pools: list[container.NodePool]

    def __init__(
        self, name: str, args: GcpNodePoolsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:clouds:GcpNodePools", name, None, opts)
        self.pools = [
            container.NodePool(
                f"{name}-{number + 1}",
                cluster=args.cluster.id,
                location=args.region,
                node_locations=[zone],
                node_count=args.per_zone,
                management=container.NodePoolManagementArgs(auto_repair=True, auto_upgrade=True),
                upgrade_settings=container.NodePoolUpgradeSettingsArgs(
                    strategy="SURGE", max_surge=1, max_unavailable=0
                ),
                network_config=container.NodePoolNetworkConfigArgs(enable_private_nodes=True),
                node_config=self._node(args),
                opts=pulumi.ResourceOptions(parent=self),
            )
            for number, zone in enumerate(args.zones)
        ]
        self.register_outputs({"pools": [pool.name for pool in self.pools]})

    @staticmethod
    def _node(args: GcpNodePoolsArgs) -> container.NodePoolNodeConfigArgs:
        return container.NodePoolNodeConfigArgs(
            machine_type=args.machine_type,
            image_type="COS_CONTAINERD",
            disk_size_gb=args.disk_gb,
            disk_type=boot_disk_type(args.machine_type),
            boot_disk_kms_key=args.disk_key,
            service_account=args.account,
            # What the account may do is decided by its roles alone.
            oauth_scopes=["https://www.googleapis.com/auth/cloud-platform"],
            shielded_instance_config=container.NodePoolNodeConfigShieldedInstanceConfigArgs(
                enable_secure_boot=True, enable_integrity_monitoring=True
            ),
            workload_metadata_config=container.NodePoolNodeConfigWorkloadMetadataConfigArgs(
                mode="GKE_METADATA"
            ),
            metadata={"disable-legacy-endpoints": "true"},
            kubelet_config=container.NodePoolNodeConfigKubeletConfigArgs(
                insecure_kubelet_readonly_port_enabled="FALSE"
            ),
            tags=[args.tag],
            labels=dict(args.labels),
            resource_labels=dict(args.labels),
        )


def boot_disk_type(machine_type: str) -> str:
    """Fourth-generation machines take hyperdisks only."""
    family = machine_type.split("-", maxsplit=1)[0]
    return "hyperdisk-balanced" if family[:2] in ("c4", "n4") else "pd-balanced"
