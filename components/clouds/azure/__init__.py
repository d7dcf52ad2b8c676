"""A region on Azure: a virtual network with three zones' subnets and an AKS cluster."""

from __future__ import annotations

import pulumi

from components.clouds.azure.cloud import AzureCloud, AzureCloudArgs
from components.context import Context
from components.naming.contract import Naming, NamingArgs
from components.settings.clouds.azure import AzureNaming, AzureRegion

__all__ = ["AzureCloud", "AzureCloudArgs", "build_names", "build_region"]


def build_region(
    name: str, context: Context, settings: AzureRegion, opts: pulumi.ResourceOptions | None
) -> AzureCloud:
    """The cloud part of a region."""
    return AzureCloud(name, AzureCloudArgs(context=context, settings=settings), opts)


def build_names(
    name: str, settings: AzureNaming, args: NamingArgs, opts: pulumi.ResourceOptions | None
) -> Naming:
    """The zone and its records."""
    from components.clouds.azure.dns import AzureNames

    return AzureNames(name, settings, args, opts)
