"""From a stack file's values to `Settings`, with every error named by its place in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from pydantic import ValidationError

from components.settings.credentials import in_the_clear, refusal
from components.settings.errors import PREFIX, SettingsError, lines, printable, told
from components.settings.keys import similar
from components.settings.regions import merged_broker
from components.settings.stack import Settings

__all__ = ["PREFIX", "SettingsError", "keys", "parse", "wrong_namespaces"]


def keys() -> list[str]:
    """The names under `warren:` that a stack file may use."""
    return list(Settings.model_fields)


def wrong_namespaces(config: Iterable[str]) -> Iterator[str]:
    """Keys of a stack's config that were meant to be warren's, as sentences: `waren:domain`.

    Other namespaces are their providers'.
    """
    for key in config:
        namespace, colon, name = key.partition(":")
        if colon and namespace != PREFIX and similar(namespace, [PREFIX]):
            yield f"{printable(key)}: unknown namespace; did you mean '{PREFIX}:{printable(name)}'?"


def parse(values: Mapping[str, Any], stack: str = "") -> Settings:
    """Settings from plain values.

    Args:
        values: what stands under the `warren:` keys, without the prefix.
        stack: name of the stack, for the error text.

    Raises:
        SettingsError: naming each wrong key and what would be right.
    """
    where = f"Pulumi.{stack}.yaml" if stack else "the stack's settings"
    clear = [
        refusal(path) for path in in_the_clear({f"{PREFIX}:{key}": values[key] for key in values})
    ]
    found: list[str] = [f"  {printable(text)}" for text in clear]
    try:
        settings = Settings.model_validate(_with_common_broker(values))
    except ValidationError as error:
        found += lines([dict(item) for item in error.errors()])
        raise told(where, found) from None
    if found:
        raise told(where, found)
    return settings


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
