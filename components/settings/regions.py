"""Settings of a region: its name, and how common and own broker settings meet."""

from __future__ import annotations

from typing import Any

from components.settings.values import Label

RegionName = Label


def merged_broker(common: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """The common broker settings with a region's own laid over them, key by key."""
    result = dict(common)
    for key, value in own.items():
        base = result.get(key)
        if isinstance(base, dict) and isinstance(value, dict):
            result[key] = merged_broker(base, value)  # pyright: ignore[reportUnknownArgumentType]
        else:
            result[key] = value
    return result
