"""A region on a Kubernetes cluster that is already there."""

from __future__ import annotations

import pulumi

from components.clouds.existing.cluster import ExistingCluster, ExistingClusterArgs
from components.context import Context
from components.settings.clouds.existing import ExistingRegion

__all__ = ["ExistingCluster", "ExistingClusterArgs", "build_region"]


def build_region(
    name: str, context: Context, settings: ExistingRegion, opts: pulumi.ResourceOptions | None
) -> ExistingCluster:
    """The cloud part of a region: where its cluster is."""
    return ExistingCluster(
        name,
        ExistingClusterArgs(
            context=settings.context,
            kubeconfig=settings.kubeconfig,
            cluster_identifier=context.cluster_name(name),
            storage_class=settings.storage_class.name,
            egress=settings.egress,
        ),
        opts,
    )
