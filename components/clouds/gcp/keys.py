"""`warren:clouds:GcpKeys`: the customer keys of a region, one for the cluster and one for volumes.

A key ring and its keys can never be deleted on Google Cloud; what can be lost is a key's versions,
and with them the messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_gcp import kms

ROTATION = f"{365 * 24 * 3600}s"
DESTROY_AFTER = f"{30 * 24 * 3600}s"
USER_ROLE = "roles/cloudkms.cryptoKeyEncrypterDecrypter"


@dataclass(frozen=True)
class GcpKeysArgs:
    """Whose keys they are.

    Attributes:
        project: that the keys are in.
        project_number: names Google's service agents.
        region: where the keys stay.
        protect: refuse to delete the keys.
        labels: of every key.
    """

    project: str
    project_number: str
    region: str
    protect: bool
    labels: Mapping[str, str]


class GcpKeys(pulumi.ComponentResource):
    """Two keys, rotated every year.

    Attributes:
        cluster: encrypts Kubernetes secrets.
        volumes: encrypts nodes' disks and brokers' volumes.
        ready: grants that must be in place before the keys are used.
    """

    cluster: kms.CryptoKey
    volumes: kms.CryptoKey
    ready: list[pulumi.Resource]

    def __init__(
        self, name: str, args: GcpKeysArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:clouds:GcpKeys", name, None, opts)
        ring = kms.KeyRing(
            name,
            location=args.region,
            opts=pulumi.ResourceOptions(
                parent=self, protect=args.protect, retain_on_delete=args.protect
            ),
        )
        self.cluster = self._key(f"{name}-cluster", ring, args)
        self.volumes = self._key(f"{name}-volumes", ring, args)
        self.ready = [
            self._user(f"{name}-cluster", self.cluster, kubernetes_agent(args.project_number)),
            self._user(f"{name}-volumes", self.volumes, compute_agent(args.project_number)),
        ]
        self.register_outputs({"cluster": self.cluster.id, "volumes": self.volumes.id})

    def _key(self, name: str, ring: kms.KeyRing, args: GcpKeysArgs) -> kms.CryptoKey:
        return kms.CryptoKey(
            name,
            key_ring=ring.id,
            purpose="ENCRYPT_DECRYPT",
            rotation_period=ROTATION,
            destroy_scheduled_duration=DESTROY_AFTER,
            version_template=kms.CryptoKeyVersionTemplateArgs(
                algorithm="GOOGLE_SYMMETRIC_ENCRYPTION", protection_level="HSM"
            ),
            labels=dict(args.labels),
            opts=pulumi.ResourceOptions(
                parent=self, protect=args.protect, retain_on_delete=args.protect
            ),
        )

    def _user(self, name: str, key: kms.CryptoKey, agent: str) -> kms.CryptoKeyIAMMember:
        return kms.CryptoKeyIAMMember(
            name,
            crypto_key_id=key.id,
            role=USER_ROLE,
            member=f"serviceAccount:{agent}",
            opts=pulumi.ResourceOptions(parent=self),
        )


def kubernetes_agent(project_number: str) -> str:
    """Google's own account that runs GKE in a project."""
    return f"service-{project_number}@container-engine-robot.iam.gserviceaccount.com"


def compute_agent(project_number: str) -> str:
    """Google's own account that makes disks in a project."""
    return f"service-{project_number}@compute-system.iam.gserviceaccount.com"
