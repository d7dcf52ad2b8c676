"""What the names of Compute Engine's machine types tell: pure.

After Google's "Machine families resource and comparison guide": series, kind, vCPUs. Which vCPUs a
series comes with is known for the kinds that brokers run on; of a series that is not known here only
the form is judged, by the sizes that any series has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from components.settings.clouds.registry import Machine

_NAME = re.compile(
    r"^(?P<series>[a-z]\d[a-z]?)-"
    r"(?:(?P<kind>standard|highmem|highcpu|ultramem|megamem|hypermem)-(?P<cores>\d+)(?:-\d+)?"
    r"|(?P<shared>medium|micro|small)|(?P<custom>custom)-(?P<own>\d+)-(?P<mib>\d+)(?:-ext)?)"
    r"(?:-lssd|-highlssd|-standardlssd|-metal)?$"
)
_GIB_PER_CORE = {"standard": 4.0, "highmem": 8.0, "highcpu": 1.0}

_CORES = frozenset(
    {1, 2, 4, 8, 16, 22, 24, 30, 32, 36, 40, 44, 48, 60, 64, 72, 80, 88, 90, 96}
    | {112, 128, 144, 160, 176, 180, 192, 208, 224, 288, 360, 384, 416}
)
"""vCPUs of the predefined types of any series."""

_SERIES_CORES = {
    "n2": (2, 4, 8, 16, 32, 48, 64, 80, 96, 128),
    "n2d": (2, 4, 8, 16, 32, 48, 64, 80, 96, 128, 224),
    "e2": (2, 4, 8, 16, 32),
    "n4": (2, 4, 8, 16, 32, 48, 64, 80),
    "c2": (4, 8, 16, 30, 60),
    "c3": (4, 8, 22, 44, 88, 176, 192),
    "c4": (2, 4, 8, 16, 24, 32, 48, 96, 144, 192, 288),
}
_SHARED = {"micro": 1.0, "small": 2.0, "medium": 4.0}
"""GiB of the shared-core types, of two vCPUs each."""

_HYPERDISK_ONLY = ("n4", "c4", "m4", "x4", "a4", "h4", "z4")
"""Series of the fourth generation take Hyperdisk, and no Persistent Disk at all (Google's machine
series pages: n4, n4a, n4d, c4, c4a, c4d)."""

_ARM = ("t2a", "c4a", "n4a")


@dataclass(frozen=True)
class GcpMachine(Machine):
    """What a machine type's name tells.

    Attributes:
        hyperdisk_only: whether it takes no Persistent Disk.
    """

    hyperdisk_only: bool = False


def machine(name: str) -> GcpMachine | None:
    """What a machine type's name tells; None for a name that is none."""
    match = _NAME.match(name)
    if match is None:
        return None
    series = match["series"]
    arm, only = series in _ARM, series.startswith(_HYPERDISK_ONLY)
    if match["shared"]:
        return GcpMachine(2, _SHARED[match["shared"]], arm, only)
    if match["custom"]:
        return GcpMachine(int(match["own"]), int(match["mib"]) / 1024, arm, only)
    cores = int(match["cores"])
    if cores not in _SERIES_CORES.get(series, _CORES):
        return None
    share = _GIB_PER_CORE.get(match["kind"])
    return GcpMachine(cores, None if share is None else cores * share, arm, only)
