"""The storage class of brokers' volumes on Azure managed disks: pure parameters."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.clouds.volumes import StorageClassSpec
from components.settings.clouds.azure.region import AzureStorage


def storage_class(
    storage: AzureStorage, disks: pulumi.Input[str], tags: Mapping[str, str]
) -> StorageClassSpec:
    """Managed disks by their CSI driver, encrypted with the region's own key.

    No host cache: quorum queues' logs are written once, synchronously, and hardly read again.
    """
    parameters: dict[str, pulumi.Input[str]] = {
        "skuName": storage.sku,
        "cachingMode": "None",
        "diskEncryptionSetID": disks,
        "networkAccessPolicy": "DenyAll",
        "tags": ",".join(f"{key}={value}" for key, value in sorted(tags.items())),
        "csi.storage.k8s.io/fstype": "ext4",
    }
    if storage.iops is not None:
        parameters["DiskIOPSReadWrite"] = str(storage.iops)
    if storage.throughput is not None:
        parameters["DiskMBpsReadWrite"] = str(storage.throughput)
    return StorageClassSpec(
        provisioner="disk.csi.azure.com", parameters=parameters, reclaim=storage.reclaim
    )
