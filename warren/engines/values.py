"""Property values as Pulumi's protocol carries them: plain JSON, with marks for secrets and unknowns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a mark, no secret
UNKNOWN: str = rpc.UNKNOWN

Properties = dict[str, Any]

MASK = "[secret]"
UNKNOWN_TEXT = "[unknown until up]"


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """A protocol message's properties; whole numbers become integers again."""
    return cast("Properties", _whole(json_format.MessageToDict(struct)))


def to_struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """Properties as a protocol message."""
    struct = struct_pb2.Struct()
    json_format.ParseDict(dict(properties), struct)
    return struct


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_whole(item) for item in cast("list[Any]", value)]
    return value


def secret(value: Any) -> Properties:
    """A value marked secret; marked once, however often this is called."""
    return value if is_secret(value) else {SIGNATURE: SECRET_SIGNATURE, "value": value}


def is_secret(value: Any) -> bool:
    """Whether this very value is marked secret."""
    return isinstance(value, dict) and value.get(SIGNATURE) == SECRET_SIGNATURE


def is_unknown(value: Any) -> bool:
    """Whether this very value is not known before `up`."""
    return isinstance(value, str) and value == UNKNOWN


def reveal(value: Any) -> Any:
    """The value without its secret marks, all the way down."""
    if is_secret(value):
        return reveal(value["value"])
    if isinstance(value, dict):
        return {key: reveal(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [reveal(item) for item in cast("list[Any]", value)]
    return value


def contains(value: Any, what: Literal["secret", "unknown"]) -> bool:
    """Whether a secret (or unknown) is anywhere in the value."""
    test = is_secret if what == "secret" else is_unknown
    if test(value):
        return True
    if isinstance(value, dict):
        return any(contains(item, what) for item in cast("dict[str, Any]", value).values())
    if isinstance(value, list):
        return any(contains(item, what) for item in cast("list[Any]", value))
    return False


def mask(value: Any) -> Any:
    """The value as it may be shown: secrets and unknowns replaced by words."""
    if is_secret(value):
        return MASK
    if is_unknown(value):
        return UNKNOWN_TEXT
    if isinstance(value, dict):
        return {key: mask(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [mask(item) for item in cast("list[Any]", value)]
    return value


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
