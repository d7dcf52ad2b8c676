"""What the names of EC2 instance types tell: pure.

By form and generation rather than by a list of families, which would be stale in a quarter; a test
holds this against every type that the SDK's enum knows.
"""

from __future__ import annotations

import re

from components.settings.clouds.registry import Machine

_NAME = re.compile(
    r"^(?P<kind>[a-z]+?)(?P<generation>\d{1,2})(?P<options>[a-z]*)(?:-flex)?"
    r"\.(?P<size>large|(?P<times>\d*)xlarge|metal(?:-\d+xl)?)$"
)

_GIB_PER_CORE = {"c": 2.0, "m": 4.0, "r": 8.0, "t": 4.0, "i": 8.0, "z": 8.0}

_FIRST_NITRO = {"c": 5, "m": 5, "r": 5, "t": 3, "i": 3, "x": 2, "z": 1}
"""The first generation with Nitro, which EKS' AMIs and encrypted volumes need (EC2 user guide,
"Instances built on the AWS Nitro System")."""

_NAMED_AFTER_PROCESSOR = 6
"""Since this generation a family of c, m and r says whose processor it has: i, a or g."""

_TIMES = frozenset({1, 2, 3, 4, 6, 8, 9, 10, 12, 16, 18, 24, 32, 36, 48, 56, 64, 72, 96})
"""N of the sizes <N>xlarge."""

_LARGEST = {"t": 2}
"""Times xlarge, where a kind ends long before the others."""


def machine(name: str) -> Machine | None:
    """What an instance type's name tells; None for a name that is none."""
    match = _NAME.match(name)
    if match is None or match["kind"] not in _FIRST_NITRO:
        return None
    kind, generation, options = match["kind"], int(match["generation"]), match["options"]
    if generation < _FIRST_NITRO[kind]:
        return None
    if kind in "cmr" and generation >= _NAMED_AFTER_PROCESSOR and options[:1] not in set("agi"):
        return None
    arm = options.startswith("g")
    if match["size"].startswith("metal"):
        return Machine(arm=arm)
    if match["size"] == "large":
        cores = 2
    else:
        times = int(match["times"] or 1)
        if times not in _TIMES or times > _LARGEST.get(kind, times) or match["times"] == "1":
            return None
        cores = 4 * times
    share = _GIB_PER_CORE.get(kind)
    return Machine(cores, None if share is None else cores * share, arm)
