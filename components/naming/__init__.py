"""Public DNS of a stack: a name for each region, and one global name that follows the primary.

The parts that differ by cloud are in `components/clouds/<cloud>/dns.py`, picked by the key
`naming.cloud`; here is what they share. As with regions, an SDK is imported only if used.
"""

from __future__ import annotations

import pulumi

from components.naming.contract import Naming, NamingArgs, RegionAddress
from components.naming.plan import address_type, order, zone_place
from components.settings.naming import NamingBase, checker_ranges

__all__ = [
    "Naming",
    "NamingArgs",
    "RegionAddress",
    "address_type",
    "build_naming",
    "checker_ranges",
    "order",
    "zone_place",
]


def build_naming(
    name: str,
    settings: NamingBase,
    args: NamingArgs,
    opts: pulumi.ResourceOptions | None = None,
) -> Naming:
    """The zone and its records, on the cloud that the settings name."""
    from components.clouds.contract import component_of

    return component_of(settings.cloud).build_names(name, settings, args, opts)
