"""`warren:clouds:AwsKeys`: the customer keys of a region, for the cluster and for volumes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import kms

ROTATION_DAYS = 365
DELETION_DAYS = 30
"""The longest that AWS offers: a key that is gone takes the messages with it."""


@dataclass(frozen=True)
class AwsKeysArgs:
    """Whose keys they are.

    Attributes:
        partition: of ARNs.
        account: that owns the keys and whose IAM policies decide on them.
        region: whose log service may encrypt with the cluster's key.
        protect: refuse to delete the keys.
        tags: of every key.
    """

    partition: str
    account: str
    region: str
    protect: bool
    tags: Mapping[str, str]


class AwsKeys(pulumi.ComponentResource):
    """Two keys, rotated every year.

    Attributes:
        cluster: encrypts Kubernetes secrets and logs.
        volumes: encrypts nodes' disks and brokers' volumes.
    """

    cluster: kms.Key
    volumes: kms.Key

    def __init__(
        self, name: str, args: AwsKeysArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:clouds:AwsKeys", name, None, opts)
        self.cluster = self._key(f"{name}-cluster", args, cluster_key_policy(args))
        self.volumes = self._key(f"{name}-volumes", args, volumes_key_policy(args))
        self.register_outputs({"cluster": self.cluster.arn, "volumes": self.volumes.arn})

    def _key(self, name: str, args: AwsKeysArgs, policy: Mapping[str, Any]) -> kms.Key:
        return kms.Key(
            name,
            description=f"RabbitMQ, {name}",
            enable_key_rotation=True,
            rotation_period_in_days=ROTATION_DAYS,
            deletion_window_in_days=DELETION_DAYS,
            policy=json.dumps(policy),
            tags=dict(args.tags),
            opts=pulumi.ResourceOptions(
                parent=self, protect=args.protect, retain_on_delete=args.protect
            ),
        )


def _account_decides(args: AwsKeysArgs) -> dict[str, Any]:
    """IAM policies of the account decide who uses the key; without this nobody could change it."""
    return {
        "Sid": "AccountDecides",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{args.partition}:iam::{args.account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }


def cluster_key_policy(args: AwsKeysArgs) -> dict[str, Any]:
    """The account, and CloudWatch Logs for log groups of this account and region."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            _account_decides(args),
            {
                "Sid": "LogsOfThisRegion",
                "Effect": "Allow",
                "Principal": {"Service": f"logs.{args.region}.amazonaws.com"},
                "Action": [
                    "kms:Encrypt",
                    "kms:Decrypt",
                    "kms:ReEncrypt*",
                    "kms:GenerateDataKey*",
                    "kms:Describe*",
                ],
                "Resource": "*",
                "Condition": {
                    "ArnLike": {
                        "kms:EncryptionContext:aws:logs:arn": (
                            f"arn:{args.partition}:logs:{args.region}:{args.account}:log-group:*"
                        )
                    }
                },
            },
        ],
    }


def volumes_key_policy(args: AwsKeysArgs) -> dict[str, Any]:
    """The account, and auto scaling, which starts nodes with encrypted disks."""
    autoscaling = (
        f"arn:{args.partition}:iam::{args.account}:role/aws-service-role/"
        "autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    )
    return {
        "Version": "2012-10-17",
        "Statement": [
            _account_decides(args),
            {
                "Sid": "NodesDisks",
                "Effect": "Allow",
                "Principal": {"AWS": autoscaling},
                "Action": [
                    "kms:Encrypt",
                    "kms:Decrypt",
                    "kms:ReEncrypt*",
                    "kms:GenerateDataKey*",
                    "kms:DescribeKey",
                ],
                "Resource": "*",
            },
            {
                "Sid": "NodesDisksGrants",
                "Effect": "Allow",
                "Principal": {"AWS": autoscaling},
                "Action": "kms:CreateGrant",
                "Resource": "*",
                "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
            },
        ],
    }
