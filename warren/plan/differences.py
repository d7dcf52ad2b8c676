"""How two versions of a resource's properties differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from warren.values import is_secret, mask, reveal, secret


@dataclass(frozen=True)
class PropertyChange:
    """One difference.

    Attributes:
        path: such as `spec.replicas` or `spec.ports[0].port`.
        kind: what happened to it.
        old: before, masked.
        new: after, masked.
    """

    path: str
    kind: Literal["add", "remove", "change"]
    old: Any
    new: Any


def diff(old: Any, new: Any, path: str = "") -> list[PropertyChange]:
    """Differences between two values. A secret that changed is told of, what it is is not."""
    if is_secret(old) or is_secret(new):
        if reveal(old) == reveal(new):
            return []
        return [PropertyChange(path, "change", mask(secret(old)), mask(secret(new)))]
    if isinstance(old, dict) and isinstance(new, dict):
        return diff_mappings(cast("dict[str, Any]", old), cast("dict[str, Any]", new), path, diff)
    if isinstance(old, list) and isinstance(new, list):
        return _diff_lists(cast("list[Any]", old), cast("list[Any]", new), path)
    return [] if old == new else [PropertyChange(path, "change", mask(old), mask(new))]


def diff_mappings(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    path: str,
    compare: Callable[[Any, Any, str], list[PropertyChange]],
) -> list[PropertyChange]:
    """Differences between two mappings, key by key; `compare` tells those of what both have."""
    changes: list[PropertyChange] = []
    for key in sorted({*old, *new}):
        place = f"{path}.{key}" if path else key
        if key not in old:
            changes.append(PropertyChange(place, "add", None, mask(new[key])))
        elif key not in new:
            changes.append(PropertyChange(place, "remove", mask(old[key]), None))
        else:
            changes += compare(old[key], new[key], place)
    return changes


def _diff_lists(old: Sequence[Any], new: Sequence[Any], path: str) -> list[PropertyChange]:
    changes: list[PropertyChange] = []
    for index in range(max(len(old), len(new))):
        place = f"{path}[{index}]"
        if index >= len(old):
            changes.append(PropertyChange(place, "add", None, mask(new[index])))
        elif index >= len(new):
            changes.append(PropertyChange(place, "remove", mask(old[index]), None))
        else:
            changes += diff(old[index], new[index], place)
    return changes
