"""Property values as Pulumi's protocol carries them: plain JSON, with marks for secrets and unknowns."""

from __future__ import annotations

from typing import Any, Literal, cast

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a mark, no secret
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""The text that stands for what is not known before `up` (`pulumi.runtime.rpc.UNKNOWN`)."""

Properties = dict[str, Any]

MASK = "[secret]"
UNKNOWN_TEXT = "[unknown until up]"


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
