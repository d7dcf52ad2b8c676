"""What the names of Azure's VM sizes tell: pure.

After "Azure virtual machine sizes naming conventions": family, vCPUs, constrained vCPUs, additive
features, accelerator, version. Features: a AMD, b block storage, d local disk, i isolated, l low
memory, m much memory, o network, p Arm, r remote memory, s premium storage, t tiny memory, x extra.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from components.settings.clouds.registry import Machine

_NAME = re.compile(
    r"^Standard_(?P<family>[DEFL])(?P<cores>\d+)(?:-(?P<constrained>\d+))?(?P<features>[a-z]*)"
    r"(?:_v(?P<version>[2-9]|1\d))?$"
)
_FEATURES = re.compile(r"^[abdilmnoprstx]*$")
_CORES = frozenset(
    {1, 2, 4, 8, 12, 14, 15, 16, 20, 32, 36, 48, 64, 72, 80, 96, 104, 112, 120, 128, 160, 176, 192}
)
_GIB_PER_CORE = {"D": 4.0, "E": 8.0, "F": 2.0, "L": 8.0}


@dataclass(frozen=True)
class AzureMachine(Machine):
    """What a VM size's name tells.

    Attributes:
        premium: whether it takes Premium disks ("s").
    """

    premium: bool = False


def machine(name: str) -> AzureMachine | None:
    """What a size's name tells; None for a name that is none."""
    match = _NAME.match(name)
    if match is None or not _FEATURES.match(match["features"]):
        return None
    cores, features = int(match["cores"]), match["features"]
    if cores not in _CORES or len(set(features)) != len(features):
        return None
    share = _GIB_PER_CORE[match["family"]] / (
        2 if "l" in features and match["family"] == "D" else 1
    )
    return AzureMachine(
        cores=cores if match["version"] else None,
        gib=cores * share if match["version"] else None,
        arm="p" in features,
        premium="s" in features,
    )
