"""Passwords and keys that stand in a stack file in the clear, where everybody who reads it has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

_NAMES = re.compile(
    r"(pass(word|wd|phrase)?|secret|token|(access|account|api|private|secret|storage)[_-]?key"
    r"|connection[_-]?string|cookie|sas)$",
    re.IGNORECASE,
)
"""Last words of keys whose values are secrets, in warren's, the providers' and RabbitMQ's settings."""

_HARMLESS = {"tls_secret", "image_pull_secrets"}
"""warren's own keys that end so and hold a name."""

_VALUES = re.compile(
    r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"  # AWS access key identifiers
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\"private_key\"\s*:"  # a Google service account's file
    r"|\bAccountKey=|\bSharedAccessKey="  # Azure connection strings
    r"|\bgh[pousr]_[A-Za-z0-9]{30,}"
    r"|\b[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s@]+@"  # a URL with a password in it
)


def looks_secret(key: str, value: Any) -> bool:
    """Whether a key's value is a password or the like, by the key's name or by its form."""
    if isinstance(value, str) and _VALUES.search(value):
        return True
    # camelCase, as the providers' keys are, ends in a word of its own.
    last = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key.rpartition(":")[2].rpartition(".")[2])
    return (
        last not in _HARMLESS
        and re.search(rf"(^|[_-])({_NAMES.pattern[:-1]})$", last, re.IGNORECASE) is not None
        and isinstance(value, str | int | float)
        and not isinstance(value, bool)
        and value != ""
    )


def in_the_clear(values: Mapping[str, Any]) -> Iterator[str]:
    """Paths of keys under which a secret stands in the clear; their values are not told.

    Args:
        values: of a stack, by full key (`warren:broker`, `aws:secretKey`).
    """
    for key, value in values.items():
        yield from _paths(str(key), str(key), value)


def _paths(path: str, key: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if set(cast("dict[str, Any]", value)) == {"secure"}:
            return
        for name, item in cast("dict[str, Any]", value).items():
            yield from _paths(f"{path}.{name}", str(name), item)
    elif isinstance(value, list):
        for number, item in enumerate(cast("list[Any]", value)):
            yield from _paths(f"{path}[{number}]", "", item)
    elif ".arguments." not in path and looks_secret(key, value):
        # Arguments of bindings are matched with messages' headers, whatever those are called.
        yield path


def refusal(path: str) -> str:
    """The fault and the remedy for such a path."""
    where = (
        "take it out and change it where it is valid; warren makes users' passwords itself"
        if path.startswith("warren:")
        else f"take it out and change it where it is valid; give it by the environment, or encrypted: "
        f"pulumi config set --secret {path}"
    )
    return f"{path}: a password or key stands here in the clear, for everybody who reads the file; {where}"
