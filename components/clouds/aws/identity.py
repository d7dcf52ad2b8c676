"""`warren:clouds:AwsIdentity`: the roles of a region, each with what its bearer needs and no more.

Pods get roles by EKS Pod Identity: short-lived, for one service account of one cluster. Nodes keep
no application rights; a pod cannot reach the instance metadata anyway (node_pools.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import iam


@dataclass(frozen=True)
class AwsIdentityArgs:
    """Whose roles they are.

    Attributes:
        partition: of ARNs.
        cluster_arn: the only cluster whose pods may take the pods' roles.
        volumes_key: ARN of the key that the volume driver uses.
        cluster_key: ARN of the key of Kubernetes secrets.
        tags: of every role.
    """

    partition: str
    cluster_arn: str
    volumes_key: pulumi.Input[str]
    cluster_key: pulumi.Input[str]
    tags: Mapping[str, str]


class AwsIdentity(pulumi.ComponentResource):
    """Roles of control plane, nodes, network driver and volume driver.

    Attributes:
        cluster: taken by the EKS control plane.
        nodes: taken by EC2 instances.
        network_driver: taken by the pods of the VPC CNI.
        volume_driver: taken by the controller of the EBS CSI driver.
        attachments: what must be in place before a role is used.
    """

    cluster: iam.Role
    nodes: iam.Role
    network_driver: iam.Role
    volume_driver: iam.Role
    attachments: list[pulumi.Resource]

    def __init__(
        self, name: str, args: AwsIdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:clouds:AwsIdentity", name, None, opts)
        self._args = args
        self.attachments = []
        self.cluster = self._role(
            f"{name}-control-plane",
            service_trust("eks.amazonaws.com"),
            ["AmazonEKSClusterPolicy"],
        )
        self.nodes = self._role(
            f"{name}-nodes",
            service_trust("ec2.amazonaws.com"),
            ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"],
        )
        self.network_driver = self._role(
            f"{name}-network-driver",
            pod_trust(args.cluster_arn, "kube-system", "aws-node"),
            ["AmazonEKS_CNI_Policy"],
        )
        self.volume_driver = self._role(
            f"{name}-volume-driver",
            pod_trust(args.cluster_arn, "kube-system", "ebs-csi-controller-sa"),
            ["service-role/AmazonEBSCSIDriverPolicy"],
        )
        self._inline(f"{name}-control-plane", self.cluster, args.cluster_key, secrets_key_policy)
        self._inline(f"{name}-volume-driver", self.volume_driver, args.volumes_key, disk_key_policy)
        self.register_outputs({"cluster": self.cluster.arn, "nodes": self.nodes.arn})

    def _role(self, name: str, trust: Mapping[str, Any], policies: list[str]) -> iam.Role:
        child = pulumi.ResourceOptions(parent=self)
        role = iam.Role(
            name, assume_role_policy=json.dumps(trust), tags=dict(self._args.tags), opts=child
        )
        for policy in policies:
            self.attachments.append(
                iam.RolePolicyAttachment(
                    f"{name}-{policy.rsplit('/', 1)[-1]}",
                    role=role.name,
                    policy_arn=f"arn:{self._args.partition}:iam::aws:policy/{policy}",
                    opts=child,
                )
            )
        return role

    def _inline(self, name: str, role: iam.Role, key: pulumi.Input[str], policy: Any) -> None:
        self.attachments.append(
            iam.RolePolicy(
                name,
                role=role.name,
                policy=pulumi.Output.from_input(key).apply(policy),
                opts=pulumi.ResourceOptions(parent=self),
            )
        )


def service_trust(service: str) -> dict[str, Any]:
    """One AWS service may take the role."""
    return _trust(service, ["sts:AssumeRole"], {})


def pod_trust(cluster_arn: str, namespace: str, service_account: str) -> dict[str, Any]:
    """One service account of one cluster may take the role, by EKS Pod Identity."""
    return _trust(
        "pods.eks.amazonaws.com",
        ["sts:AssumeRole", "sts:TagSession"],
        {
            "StringEquals": {
                "aws:RequestTag/eks-cluster-arn": cluster_arn,
                "aws:RequestTag/kubernetes-namespace": namespace,
                "aws:RequestTag/kubernetes-service-account": service_account,
            }
        },
    )


def _trust(service: str, actions: list[str], condition: dict[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": actions,
    }
    if condition:
        statement["Condition"] = condition
    return {"Version": "2012-10-17", "Statement": [statement]}


def secrets_key_policy(key: str) -> str:
    """The control plane encrypts Kubernetes secrets with one key."""
    return _policy(
        [_allow(key, ["kms:Encrypt", "kms:Decrypt", "kms:ListGrants", "kms:DescribeKey"])]
    )


def disk_key_policy(key: str) -> str:
    """The volume driver makes encrypted volumes with one key; grants go to EC2 only."""
    grants = _allow(key, ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"])
    grants["Condition"] = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    return _policy(
        [
            grants,
            _allow(
                key,
                [
                    "kms:Encrypt",
                    "kms:Decrypt",
                    "kms:ReEncrypt*",
                    "kms:GenerateDataKey*",
                    "kms:DescribeKey",
                ],
            ),
        ]
    )


def _allow(resource: str, actions: list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


def _policy(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
