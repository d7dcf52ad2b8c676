"""`warren:clouds:AwsNodePools`: EKS' add-ons and a managed node group in each zone.

One group a zone, since a broker's volume lives in one zone: a lost node is replaced where its
volume is. No autoscaler: quorum members are never scaled in by a load curve.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2, eks


@dataclass(frozen=True)
class AwsNodePoolsArgs:
    """What the nodes are made from.

    Attributes:
        cluster: the EKS cluster.
        role: ARN of the nodes' role.
        version: Kubernetes minor version; the add-ons are those that AWS has for it.
        role_ready: what must be there before the roles are used.
        network_ready: the nodes' way out. Being there until the nodes and the add-ons are gone, it lets
            the volume driver detach volumes to the end.
        network_driver_role: ARN of the VPC CNI's role.
        volume_driver_role: ARN of the EBS CSI driver's role.
        subnets: private subnets, one a zone.
        machine_type: EC2 instance type.
        per_zone: nodes in each zone.
        disk_gb: root volume in GiB.
        disk_key: ARN of the key that encrypts it.
        tags: of everything, instances and volumes too.
    """

    cluster: eks.Cluster
    role: pulumi.Input[str]
    version: str
    role_ready: Sequence[pulumi.Resource]
    network_ready: Sequence[pulumi.Resource]
    network_driver_role: pulumi.Input[str]
    volume_driver_role: pulumi.Input[str]
    subnets: Sequence[pulumi.Input[str]]
    machine_type: str
    per_zone: int
    disk_gb: int
    disk_key: pulumi.Input[str]
    tags: Mapping[str, str]


class AwsNodePools(pulumi.ComponentResource):
    """Nodes of a region.

    Attributes:
        groups: node groups, one a zone.
        ready: what must be there before a broker's volume can be made.
    """

    groups: list[eks.NodeGroup]
    ready: list[pulumi.Resource]

    def __init__(
        self, name: str, args: AwsNodePoolsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:clouds:AwsNodePools", name, None, opts)
        self._args = args
        # A node gets ready only with network and identity; DNS and volumes need nodes first.
        early = [
            self._addon(name, "eks-pod-identity-agent"),
            self._addon(name, "kube-proxy"),
            self._addon(
                name,
                "vpc-cni",
                settings={"enableNetworkPolicy": "true"},
                identity=("aws-node", args.network_driver_role),
            ),
        ]
        template = self._template(name)
        self.groups = [
            self._group(f"{name}-{number + 1}", subnet, template, early)
            for number, subnet in enumerate(args.subnets)
        ]
        self.ready = [
            *self.groups,
            self._addon(name, "coredns", after=self.groups),
            self._addon(
                name,
                "aws-ebs-csi-driver",
                identity=("ebs-csi-controller-sa", args.volume_driver_role),
                after=self.groups,
            ),
        ]
        self.register_outputs({"groups": [group.node_group_name for group in self.groups]})

    def _addon(
        self,
        name: str,
        addon: str,
        *,
        settings: Mapping[str, str] | None = None,
        identity: tuple[str, pulumi.Input[str]] | None = None,
        after: Sequence[pulumi.Resource] = (),
    ) -> eks.Addon:
        associations = (
            [eks.AddonPodIdentityAssociationArgs(service_account=identity[0], role_arn=identity[1])]
            if identity
            else None
        )
        return eks.Addon(
            f"{name}-{addon}",
            addon_name=addon,
            addon_version=self._addon_version(addon),
            cluster_name=self._args.cluster.name,
            configuration_values=json.dumps(settings) if settings else None,
            pod_identity_associations=associations,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            tags=dict(self._args.tags),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[*self._args.role_ready, *self._args.network_ready, *after]
            ),
        )

    def _addon_version(self, addon: str) -> pulumi.Output[str]:
        """What AWS sets up on a new cluster of this version. Without it an add-on stays at the version
        that it was made with, through every upgrade (EKS, "Update an Amazon EKS add-on")."""
        return eks.get_addon_version_output(
            addon_name=addon,
            kubernetes_version=self._args.version,
            opts=pulumi.InvokeOutputOptions(parent=self),
        ).version

    def _template(self, name: str) -> ec2.LaunchTemplate:
        args = self._args
        return ec2.LaunchTemplate(
            name,
            instance_type=args.machine_type,
            update_default_version=True,
            metadata_options=ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled",
                http_tokens="required",
                # One hop ends at the node: no pod can take the node's role.
                http_put_response_hop_limit=1,
                instance_metadata_tags="disabled",
            ),
            block_device_mappings=[
                ec2.LaunchTemplateBlockDeviceMappingArgs(
                    device_name="/dev/xvda",
                    ebs=ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                        volume_size=args.disk_gb,
                        volume_type="gp3",
                        encrypted="true",
                        kms_key_id=args.disk_key,
                        delete_on_termination="true",
                    ),
                )
            ],
            monitoring=ec2.LaunchTemplateMonitoringArgs(enabled=True),
            tag_specifications=[
                ec2.LaunchTemplateTagSpecificationArgs(
                    resource_type=kind, tags={**args.tags, "Name": name}
                )
                for kind in ("instance", "volume", "network-interface")
            ],
            tags=dict(args.tags),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _group(
        self,
        name: str,
        subnet: pulumi.Input[str],
        template: ec2.LaunchTemplate,
        after: Sequence[pulumi.Resource],
    ) -> eks.NodeGroup:
        args = self._args
        return eks.NodeGroup(
            name,
            cluster_name=args.cluster.name,
            node_role_arn=args.role,
            subnet_ids=[subnet],
            ami_type=ami_type(args.machine_type),
            capacity_type="ON_DEMAND",
            version=args.cluster.version,
            launch_template=eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            scaling_config=eks.NodeGroupScalingConfigArgs(
                desired_size=args.per_zone, min_size=args.per_zone, max_size=args.per_zone + 1
            ),
            update_config=eks.NodeGroupUpdateConfigArgs(max_unavailable=1),
            node_repair_config=eks.NodeGroupNodeRepairConfigArgs(enabled=True),
            labels=dict(args.tags),
            tags=dict(args.tags),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[*args.role_ready, *args.network_ready, *after]
            ),
        )


def ami_type(machine_type: str) -> str:
    """The EKS image for an instance type: Amazon Linux 2023, for Graviton or for x86."""
    family = machine_type.split(".", maxsplit=1)[0]
    graviton = re.match(r"^[a-z]+\d+g", family) is not None
    return f"AL2023_{'ARM_64' if graviton else 'x86_64'}_STANDARD"
