"""From a stack file's values to `Settings`, with every error named by its place in the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pydantic import ValidationError

from components.settings.regions import merged_broker
from components.settings.stack import Settings

PREFIX = "warren"


class SettingsError(Exception):
    """The stack's settings are wrong. The text lists every error with its key's path."""


def keys() -> list[str]:
    """The names under `warren:` that a stack file may use."""
    return list(Settings.model_fields)


def parse(values: Mapping[str, Any], stack: str = "") -> Settings:
    """Settings from plain values.

    Args:
        values: what stands under the `warren:` keys, without the prefix.
        stack: name of the stack, for the error text.

    Raises:
        SettingsError: naming each wrong key and what would be right.
    """
    where = f"Pulumi.{stack}.yaml" if stack else "the stack's settings"
    try:
        return Settings.model_validate(_with_common_broker(values))
    except ValidationError as error:
        found: list[dict[str, Any]] = [dict(item) for item in error.errors()]
        common = {item["loc"][1:] for item in found if item["loc"][:1] == ("broker",)}
        # What is wrong in the common broker settings is told there, not once more for each region.
        lines = [_line(item) for item in found if _in_region(item["loc"]) not in common]
        count = "1 error" if len(lines) == 1 else f"{len(lines)} errors"
        raise SettingsError(f"{where}: {count} in the settings.\n" + "\n".join(lines)) from None


def _with_common_broker(values: Mapping[str, Any]) -> dict[str, Any]:
    """Lays each region's broker settings over the common ones before anything is checked."""
    result = dict(values)
    common, regions = result.get("broker"), result.get("regions")
    if not isinstance(regions, dict):
        return result
    merged: dict[str, Any] = {}
    for name, region in cast("dict[str, Any]", regions).items():
        if not isinstance(region, dict):
            merged[name] = region
            continue
        own = cast("dict[str, Any]", region)
        broker = own.get("broker", {})
        both = isinstance(common, dict) and isinstance(broker, dict)
        merged[name] = {
            **own,
            "broker": merged_broker(cast("dict[str, Any]", common), broker) if both else broker,
        }
    result["regions"] = merged
    return result


def _in_region(location: tuple[str | int, ...]) -> tuple[str | int, ...] | None:
    """The part of a region's broker setting's path after `broker`; None for other paths."""
    if location[:1] != ("regions",) or "broker" not in location[2:]:
        return None
    return location[location.index("broker", 2) + 1 :]


def _line(error: dict[str, Any]) -> str:
    path = PREFIX + ":" + _path(error["loc"])
    kind, message = error["type"], error["msg"].removeprefix("Value error, ")
    if kind == "extra_forbidden":
        return f"  {path}: unknown key; see docs/configuration.md for the keys that there are"
    if kind == "missing":
        return f"  {path}: missing; {message.lower()}"
    shown = error.get("input")
    got = f" (got {shown!r})" if isinstance(shown, str | int | float | bool) else ""
    return f"  {path}: {message}{got}"


def _path(location: tuple[str | int, ...]) -> str:
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else part
    return path or "(all)"
