"""The storage class of brokers' volumes on EBS: pure parameters."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.clouds.volumes import StorageClassSpec
from components.settings.clouds.aws.region import AwsStorage


def storage_class(
    storage: AwsStorage, key: pulumi.Input[str], tags: Mapping[str, str]
) -> StorageClassSpec:
    """EBS by its CSI driver, encrypted with the region's own key."""
    parameters: dict[str, pulumi.Input[str]] = {
        "type": storage.type,
        "iops": str(storage.iops),
        "encrypted": "true",
        "kmsKeyId": key,
        "csi.storage.k8s.io/fstype": "ext4",
        **{
            f"tagSpecification_{number}": f"{tag}={value}"
            for number, (tag, value) in enumerate(sorted(tags.items()), start=1)
        },
    }
    if storage.type == "gp3" and storage.throughput is not None:
        parameters["throughput"] = str(storage.throughput)
    return StorageClassSpec(
        provisioner="ebs.csi.aws.com", parameters=parameters, reclaim=storage.reclaim
    )
