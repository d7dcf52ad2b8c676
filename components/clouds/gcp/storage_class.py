"""The storage class of brokers' volumes on Google's persistent disks: pure parameters."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.clouds.volumes import StorageClassSpec
from components.settings.clouds.gcp.region import GcpStorage


def storage_class(
    storage: GcpStorage, key: pulumi.Input[str], labels: Mapping[str, str]
) -> StorageClassSpec:
    """Persistent disks by their CSI driver, encrypted with the region's own key."""
    parameters: dict[str, pulumi.Input[str]] = {
        "type": storage.type,
        "disk-encryption-kms-key": key,
        "labels": ",".join(f"{name}={value}" for name, value in sorted(labels.items())),
        "csi.storage.k8s.io/fstype": "ext4",
    }
    if storage.iops is not None:
        parameters["provisioned-iops-on-create"] = str(storage.iops)
    if storage.throughput is not None:
        parameters["provisioned-throughput-on-create"] = f"{storage.throughput}Mi"
    return StorageClassSpec(
        provisioner="pd.csi.storage.gke.io", parameters=parameters, reclaim=storage.reclaim
    )
