"""A region on AWS: a VPC over three zones and an EKS cluster."""

from __future__ import annotations

import pulumi

from components.clouds.aws.cloud import AwsCloud, AwsCloudArgs
from components.context import Context
from components.naming.contract import Naming, NamingArgs
from components.settings.clouds.aws import AwsNaming, AwsRegion

__all__ = ["AwsCloud", "AwsCloudArgs", "build_names", "build_region"]


def build_region(
    name: str, context: Context, settings: AwsRegion, opts: pulumi.ResourceOptions | None
) -> AwsCloud:
    """The cloud part of a region."""
    return AwsCloud(name, AwsCloudArgs(context=context, settings=settings), opts)


def build_names(
    name: str, settings: AwsNaming, args: NamingArgs, opts: pulumi.ResourceOptions | None
) -> Naming:
    """The zone and its records."""
    from components.clouds.aws.dns import AwsNames

    return AwsNames(name, settings, args, opts)
