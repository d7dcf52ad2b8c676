"""Reading of registered inputs, which are deep, partly unknown, and not always of the written type."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

import pulumi

UNKNOWN: str = pulumi.runtime.rpc.UNKNOWN
_SECRET = "4dabf18193072939515e22adb298388d"  # noqa: S105 - the SDK's mark of a special value
EVERYWHERE = frozenset({"0.0.0.0/0", "::/0", "*", "Internet", "Any", "any"})


def unknown(value: object) -> bool:
    """Whether the value is known only after `up`; rules do not judge what nobody knows yet."""
    return isinstance(value, str) and value == UNKNOWN


def at(value: Any, path: str) -> Any:
    """The value at a dotted path of keys; None where there is none, `UNKNOWN` below an unknown."""
    for key in path.split("."):
        if unknown(value):
            return UNKNOWN
        if not isinstance(value, dict):
            return None
        value = cast("dict[str, Any]", value).get(key)
    return value


def true(value: Any) -> bool:
    """Whether a flag is on. Some providers take and register flags as text."""
    return value is True or (isinstance(value, str) and (value.lower() == "true" or unknown(value)))


def maps(value: Any) -> list[dict[str, Any]]:
    """The mappings of a list; a lone mapping counts as a list of one."""
    if isinstance(value, dict):
        return [cast("dict[str, Any]", value)]
    if not isinstance(value, list):
        return []
    return [cast("dict[str, Any]", x) for x in cast("list[Any]", value) if isinstance(x, dict)]


def texts(value: Any) -> list[str]:
    """The texts of a list; a lone text counts as a list of one."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        return []
    return [str(item) for item in cast("list[Any]", value)]


def document(value: Any) -> dict[str, Any]:
    """A JSON document, given as text or as data; empty where it is neither."""
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    if not isinstance(value, str):
        return {}
    try:
        found: object = json.loads(value)
    except ValueError:
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def whole(value: Any) -> int | None:
    """A whole number that a provider may have registered as 3, 3.0 or "3"."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return int(float(value))
    except (TypeError, ValueError):
        return None


def secret_paths(value: Any, path: str = "") -> Iterator[str]:
    """Paths of what is marked secret in values as Pulumi's protocol carries them."""
    if not isinstance(value, Mapping):
        return
    mapping = cast("Mapping[str, Any]", value)
    if _SECRET in mapping:
        yield path
        return
    for key, item in mapping.items():
        yield from secret_paths(item, f"{path}.{key}" if path else str(key))


def plain(value: Any) -> Any:
    """The values without their marks."""
    if isinstance(value, Mapping):
        mapping = cast("Mapping[str, Any]", value)
        if _SECRET in mapping and "value" in mapping:
            return plain(mapping["value"])
        return {str(key): plain(item) for key, item in mapping.items()}
    if isinstance(value, list):
        return [plain(item) for item in cast("list[Any]", value)]
    return value
