"""Clouds, one folder each; a region's `cloud` key picks one by its entry in the registry.

A provider SDK is imported only when a region uses its cloud: each is large, and most stacks need
one.
"""

from __future__ import annotations

import pulumi

from components.clouds.contract import Cloud, component_of
from components.context import Context
from components.settings.region_base import RegionBase

__all__ = ["Cloud", "build_cloud"]


def build_cloud(
    name: str, context: Context, region: RegionBase, opts: pulumi.ResourceOptions | None = None
) -> Cloud:
    """The cloud part of region `name`: cluster, storage class and what surrounds them."""
    return component_of(region.cloud).build_region(name, context, region, opts)
