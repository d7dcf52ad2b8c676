"""Where messages lie: storage classes, volumes, what happens to them when something is deleted."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource, Rule
from policies.reading import at, maps, true

_CLASS = ("kubernetes:storage.k8s.io/v1:StorageClass",)


def _encrypted_class(resource: Resource, _: bool) -> Iterator[str]:
    provisioner = resource.inputs.get("provisioner")
    parameters = resource.inputs.get("parameters") or {}
    if provisioner == "ebs.csi.aws.com":
        if not true(at(parameters, "encrypted")):
            yield "its volumes are not encrypted: parameters.encrypted is not true"
        elif at(parameters, "kmsKeyId") is None:
            yield "its volumes have no key of your own: parameters.kmsKeyId is missing"
    elif provisioner == "disk.csi.azure.com" and at(parameters, "diskEncryptionSetID") is None:
        yield "its volumes have no key of your own: parameters.diskEncryptionSetID is missing"
    elif (
        provisioner == "pd.csi.storage.gke.io" and at(parameters, "disk-encryption-kms-key") is None
    ):
        yield "its volumes have no key of your own: parameters.disk-encryption-kms-key is missing"


def _in_tree(resource: Resource, _: bool) -> Iterator[str]:
    provisioner = str(resource.inputs.get("provisioner", ""))
    if provisioner.startswith("kubernetes.io/") and provisioner != "kubernetes.io/no-provisioner":
        yield f"the provisioner {provisioner} has been taken out of Kubernetes"


def _binding(resource: Resource, _: bool) -> Iterator[str]:
    mode = resource.inputs.get("volumeBindingMode", "Immediate")
    if mode == "Immediate":
        yield "volumes are made before their pods have a zone, and may be in another one"


def _reclaim(resource: Resource, production: bool) -> Iterator[str]:
    if production and resource.inputs.get("reclaimPolicy", "Delete") == "Delete":
        yield "with a deleted claim goes its volume, and the messages on it"


def _claims(resource: Resource, production: bool) -> Iterator[str]:
    policy = at(resource.inputs, "spec.persistentVolumeClaimRetentionPolicy")
    for key in ("whenDeleted", "whenScaled"):
        if production and at(policy, key) == "Delete":
            yield f"claims, and messages with them, are deleted {key}"


def _encrypted_disk(resource: Resource, _: bool) -> Iterator[str]:
    inputs = resource.inputs
    if resource.type.endswith(":LaunchTemplate"):
        for device in maps(inputs.get("blockDeviceMappings")):
            if not true(at(device, "ebs.encrypted")):
                yield f"disk {device.get('deviceName')} of the nodes is not encrypted"
    elif resource.type.endswith(":Volume"):
        if not true(inputs.get("encrypted")):
            yield "the volume is not encrypted"
    elif resource.type.endswith(":AgentPool"):
        if not true(inputs.get("enableEncryptionAtHost")):
            yield "the nodes' temporary disks and caches are not encrypted at the host"
    elif at(inputs, "nodeConfig.bootDiskKmsKey") is None:
        yield "the nodes' boot disks have no key of your own"


def _public_storage(resource: Resource, _: bool) -> Iterator[str]:
    if resource.type.startswith("azure-native:"):
        if resource.inputs.get("allowBlobPublicAccess") is not False:
            yield "blobs may be made public"
        if resource.inputs.get("enableHttpsTrafficOnly") is False:
            yield "it answers without TLS"
    elif resource.type.startswith("gcp:"):
        if resource.inputs.get("publicAccessPrevention") != "enforced":
            yield "objects may be made public"
    else:
        for key in ("blockPublicAcls", "blockPublicPolicy", "restrictPublicBuckets"):
            if not true(resource.inputs.get(key)):
                yield f"{key} is not on"


RULES = (
    Rule(
        "storage-class-encrypted",
        "mandatory",
        "Volumes of brokers are encrypted with a key of your own.",
        "Give the storage class the region's key.",
        _CLASS,
        _encrypted_class,
    ),
    Rule(
        "storage-class-csi",
        "mandatory",
        "Storage classes use a CSI driver.",
        "Use ebs.csi.aws.com, disk.csi.azure.com or pd.csi.storage.gke.io.",
        _CLASS,
        _in_tree,
    ),
    Rule(
        "storage-class-binding",
        "mandatory",
        "Volumes are made in their pod's zone.",
        "Set volumeBindingMode: WaitForFirstConsumer.",
        _CLASS,
        _binding,
    ),
    Rule(
        "storage-class-retain",
        "mandatory",
        "In production a volume outlives its claim.",
        "Set the region's storage.reclaim to Retain.",
        _CLASS,
        _reclaim,
    ),
    Rule(
        "claims-retained",
        "mandatory",
        "In production brokers' claims outlive the StatefulSet.",
        "Set persistentVolumeClaimRetentionPolicy to Retain.",
        ("kubernetes:apps/v1:StatefulSet",),
        _claims,
    ),
    Rule(
        "disk-encrypted",
        "mandatory",
        "Disks of nodes are encrypted.",
        "Encrypt the disk with the region's key (Azure: enableEncryptionAtHost).",
        (
            "aws:ec2/launchTemplate:LaunchTemplate",
            "aws:ebs/volume:Volume",
            "azure-native:containerservice:AgentPool",
            "gcp:container/nodePool:NodePool",
        ),
        _encrypted_disk,
    ),
    Rule(
        "storage-not-public",
        "mandatory",
        "Object storage can't be made public.",
        "Block public access to the account or bucket.",
        (
            "azure-native:storage:StorageAccount",
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            "gcp:storage/bucket:Bucket",
        ),
        _public_storage,
    ),
)
