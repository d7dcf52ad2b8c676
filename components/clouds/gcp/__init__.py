"""A region on Google Cloud: a VPC network and a GKE cluster."""

from __future__ import annotations

import pulumi

from components.clouds.gcp.cloud import GcpCloud, GcpCloudArgs
from components.context import Context
from components.naming.contract import Naming, NamingArgs
from components.settings.clouds.gcp import GcpNaming, GcpRegion

__all__ = ["GcpCloud", "GcpCloudArgs", "build_names", "build_region"]


def build_region(
    name: str, context: Context, settings: GcpRegion, opts: pulumi.ResourceOptions | None
) -> GcpCloud:
    """The cloud part of a region."""
    return GcpCloud(name, GcpCloudArgs(context=context, settings=settings), opts)


def build_names(
    name: str, settings: GcpNaming, args: NamingArgs, opts: pulumi.ResourceOptions | None
) -> Naming:
    """The zone and its records."""
    from components.clouds.gcp.dns import GcpNames

    return GcpNames(name, settings, args, opts)
