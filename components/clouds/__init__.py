"""Clouds, one folder each, and the registry that picks one by a region's `cloud` key.

A provider SDK is imported only when a region uses its cloud: each is large, and most stacks need
one.
"""

from __future__ import annotations

import pulumi

from components.clouds.contract import Cloud
from components.context import Context
from components.settings.regions import AwsRegion, AzureRegion, GcpRegion, Region

__all__ = ["Cloud", "build_cloud"]


def build_cloud(
    name: str, context: Context, region: Region, opts: pulumi.ResourceOptions | None = None
) -> Cloud:
    """The cloud part of region `name`: cluster, storage class and what surrounds them."""
    match region:
        case AwsRegion():
            from components.clouds.aws import AwsCloud, AwsCloudArgs

            return AwsCloud(name, AwsCloudArgs(context=context, settings=region), opts)
        case AzureRegion():
            from components.clouds.azure import AzureCloud, AzureCloudArgs

            return AzureCloud(name, AzureCloudArgs(context=context, settings=region), opts)
        case GcpRegion():
            from components.clouds.gcp import GcpCloud, GcpCloudArgs

            return GcpCloud(name, GcpCloudArgs(context=context, settings=region), opts)
        case _:
            from components.clouds.existing import ExistingCluster, ExistingClusterArgs

            return ExistingCluster(
                name,
                ExistingClusterArgs(
                    context=region.context,
                    kubeconfig=region.kubeconfig,
                    cluster_identifier=context.cluster_name(name),
                    storage_class=region.storage_class.name,
                    egress=region.egress,
                ),
                opts,
            )
