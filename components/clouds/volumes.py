"""The storage class of brokers' volumes, alike on every cloud but for driver and parameters.

Volumes are bound when a pod is placed, so that a volume is made in its pod's zone; they may grow;
and by default they outlive their claim. A class can't be changed: another one replaces it under the
same name, and volumes that exist keep what they were made with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import meta, storage

CLASS_NAME = "warren-brokers"


@dataclass(frozen=True)
class StorageClassSpec:
    """What a cloud's volumes are.

    Attributes:
        provisioner: the CSI driver; in-tree provisioners are gone from Kubernetes.
        parameters: of the driver.
        reclaim: Retain or Delete.
    """

    provisioner: str
    parameters: Mapping[str, pulumi.Input[str]]
    reclaim: str


def make_storage_class(
    name: str,
    spec: StorageClassSpec,
    labels: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """Registers the class and gives its name, so that volumes wait for it."""
    made = storage.v1.StorageClass(
        name,
        metadata=meta.v1.ObjectMetaArgs(name=CLASS_NAME, labels=dict(labels)),
        provisioner=spec.provisioner,
        parameters=dict(spec.parameters),
        reclaim_policy=spec.reclaim,
        volume_binding_mode="WaitForFirstConsumer",
        allow_volume_expansion=True,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(delete_before_replace=True)),
    )
    return made.metadata.apply(lambda metadata: metadata.name or CLASS_NAME)
