"""`warren:clouds:AzureKeys`: the customer keys of a region, for the cluster and for volumes.

Each has a vault of its own. The volumes' vault takes no traffic but from Azure's own services. The
cluster's must be reachable for AKS' key management plugin, which stands outside the virtual
network; there, Entra and the role on the one key decide alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_random as random
from pulumi_azure_native import compute, keyvault

from components.clouds.azure.identity import AzureIdentity, one_of
from components.clouds.azure.names import (
    KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER,
    KEY_VAULT_CRYPTO_USER,
    READER,
    suffixed_name,
)
from components.clouds.azure.patience import until_rights_are_known

ROTATE_AFTER = "P365D"
EXPIRES_AFTER = "P2Y"
"""Of the volumes' key: the disk encryption set moves to a new version by itself. AKS never does (AKS,
"Key management service etcd encryption"): it names one version, and once that had expired the API server
could read no secret. So the cluster's key gets a new version a year, and none of them expires."""

SUFFIX_LENGTH = 6


@dataclass(frozen=True)
class AzureKeysArgs:
    """Whose keys they are.

    Attributes:
        resource_group: that the vaults are in.
        tenant: whose identities they know.
        owner: what the vaults' world-wide names are made from.
        identity: the identities that use the keys.
        protect: refuse to delete the keys.
        tags: of everything.
    """

    resource_group: pulumi.Input[str]
    tenant: str
    owner: tuple[str, ...]
    identity: AzureIdentity
    protect: bool
    tags: Mapping[str, str]


class AzureKeys(pulumi.ComponentResource):
    """Two keys with a new version every year, and the disk encryption set that uses one of them.

    Attributes:
        cluster: encrypts Kubernetes secrets.
        cluster_vault: its vault.
        disks: encrypts nodes' and brokers' disks with the volumes' key.
        ready: grants that must be in place before the keys are used.
    """

    cluster: keyvault.Key
    cluster_vault: keyvault.Vault
    disks: compute.DiskEncryptionSet
    ready: list[pulumi.Resource]

    def __init__(
        self, name: str, args: AzureKeysArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:clouds:AzureKeys", name, None, opts)
        self._args = args
        # A vault's name stays taken for 90 days after it is deleted, and purge protection lets nobody
        # shorten that: a region that comes back gets vaults of another name.
        suffix = random.RandomString(
            f"{name}-vaults",
            length=SUFFIX_LENGTH,
            special=False,
            upper=False,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._suffix = suffix.result
        self.cluster_vault = self._vault(f"{name}-cluster", "c", open_to_all_networks=True)
        volumes_vault = self._vault(f"{name}-volumes", "v", open_to_all_networks=False)
        self.cluster = self._key(f"{name}-cluster", self.cluster_vault, expires=False)
        volumes = self._key(f"{name}-volumes", volumes_vault, expires=True)
        identity = args.identity
        cluster_grant = identity.grant(
            f"{name}-cluster-key", identity.cluster, KEY_VAULT_CRYPTO_USER, self.cluster.id, self
        )
        disks_grant = identity.grant(
            f"{name}-volumes-key",
            identity.disks,
            KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER,
            volumes.id,
            self,
        )
        self.disks = compute.DiskEncryptionSet(
            name,
            resource_group_name=args.resource_group,
            encryption_type=compute.DiskEncryptionSetType.ENCRYPTION_AT_REST_WITH_CUSTOMER_KEY,
            identity=compute.EncryptionSetIdentityArgs(
                type=compute.DiskEncryptionSetIdentityType.USER_ASSIGNED,
                user_assigned_identities=one_of(identity.disks),
            ),
            active_key=compute.KeyForDiskEncryptionSetArgs(
                key_url=volumes.key_uri_with_version,
                source_vault=compute.SourceVaultArgs(id=volumes_vault.id),
            ),
            rotation_to_latest_key_version_enabled=True,
            tags=dict(args.tags),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[disks_grant],
                protect=args.protect,
                # Azure moves it to the newest version of the key by itself.
                ignore_changes=["activeKey.keyUrl"],
                hooks=until_rights_are_known(f"{name}-disks-rights"),
            ),
        )
        disks_reader = identity.grant(
            f"{name}-disks", identity.cluster, READER, self.disks.id, self
        )
        self.ready = [cluster_grant, disks_reader]
        self.register_outputs({"cluster": self.cluster.key_uri, "disks": self.disks.id})

    def _vault(self, name: str, purpose: str, *, open_to_all_networks: bool) -> keyvault.Vault:
        args = self._args
        return keyvault.Vault(
            name,
            resource_group_name=args.resource_group,
            vault_name=self._suffix.apply(
                lambda suffix: suffixed_name(suffix, f"warren{purpose}", *args.owner)
            ),
            properties=keyvault.VaultPropertiesArgs(
                tenant_id=args.tenant,
                sku=keyvault.SkuArgs(family="A", name=keyvault.SkuName.PREMIUM),
                enable_rbac_authorization=True,
                enable_soft_delete=True,
                soft_delete_retention_in_days=90,
                enable_purge_protection=True,
                network_acls=keyvault.NetworkRuleSetArgs(
                    bypass="AzureServices",
                    default_action="Allow" if open_to_all_networks else "Deny",
                ),
            ),
            tags=dict(args.tags),
            opts=pulumi.ResourceOptions(
                parent=self, protect=args.protect, retain_on_delete=args.protect
            ),
        )

    def _key(self, name: str, vault: keyvault.Vault, *, expires: bool) -> keyvault.Key:
        args = self._args
        return keyvault.Key(
            name,
            resource_group_name=args.resource_group,
            vault_name=vault.name,
            properties=keyvault.KeyPropertiesArgs(
                kty="RSA-HSM",
                key_size=3072,
                key_ops=["wrapKey", "unwrapKey", "encrypt", "decrypt"],
                attributes=keyvault.KeyAttributesArgs(enabled=True, exportable=False),
                rotation_policy=keyvault.RotationPolicyArgs(
                    attributes=(
                        keyvault.KeyRotationPolicyAttributesArgs(expiry_time=EXPIRES_AFTER)
                        if expires
                        else None
                    ),
                    lifetime_actions=[
                        keyvault.LifetimeActionArgs(
                            action=keyvault.ActionArgs(
                                type=keyvault.KeyRotationPolicyActionType.ROTATE
                            ),
                            trigger=keyvault.TriggerArgs(time_after_create=ROTATE_AFTER),
                        )
                    ],
                ),
            ),
            tags=dict(args.tags),
            opts=pulumi.ResourceOptions(
                parent=self, protect=args.protect, retain_on_delete=args.protect
            ),
        )
