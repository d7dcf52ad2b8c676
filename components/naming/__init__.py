"""Public DNS of a stack: a name for each region, and one global name that follows the primary.

The parts that differ by cloud are in `components/clouds/<cloud>/dns.py`; here is what they share,
and the registry that picks one by the key `naming.cloud`. As with regions, an SDK is imported only
if used.
"""

from __future__ import annotations

import pulumi

from components.naming.contract import Naming, NamingArgs, RegionAddress
from components.naming.plan import address_type, checker_ranges, google_place, order
from components.settings.naming import AwsNaming, AzureNaming
from components.settings.naming import Naming as NamingSettings

__all__ = [
    "Naming",
    "NamingArgs",
    "RegionAddress",
    "address_type",
    "build_naming",
    "checker_ranges",
    "google_place",
    "order",
]


def build_naming(
    name: str,
    settings: NamingSettings,
    args: NamingArgs,
    opts: pulumi.ResourceOptions | None = None,
) -> Naming:
    """The zone and its records, on the cloud that the settings name."""
    match settings:
        case AwsNaming():
            from components.clouds.aws.dns import AwsNames

            return AwsNames(name, settings, args, opts)
        case AzureNaming():
            from components.clouds.azure.dns import AzureNames

            return AzureNames(name, settings, args, opts)
        case _:
            from components.clouds.gcp.dns import GcpNames

            return GcpNames(name, settings, args, opts)
