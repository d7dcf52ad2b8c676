"""What is wrong with the settings, in words: a line a fault, the key's path first, the remedy last."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components.settings.credentials import looks_secret
from components.settings.keys import keys_at, similar
from components.settings.problems import split
from components.settings.stack import Settings

MOST = 40
"""Faults that are told at once: nobody reads on after these."""

PREFIX = "warren"

Error = Mapping[str, Any]


class SettingsError(Exception):
    """The stack's settings are wrong. The text lists every error with its key's path."""


def told(where: str, lines: Sequence[str]) -> SettingsError:
    """One error of all the lines."""
    count = "1 error" if len(lines) == 1 else f"{len(lines)} errors"
    shown = [*lines[:MOST], *([f"  and {len(lines) - MOST} more"] if len(lines) > MOST else [])]
    return SettingsError("\n".join([f"{where}: {count} in the settings.", *shown]))


def lines(errors: Sequence[Error]) -> list[str]:
    """A line for each fault, each once."""
    return list(dict.fromkeys(_line(item) for item in _once(errors)))


def printable(text: str) -> str:
    """Text without control characters: what stands in a file is not to steer a terminal."""
    return "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text)


def _once(errors: Sequence[Error]) -> Iterator[Error]:
    """Without what is told for each region again although it stands in the common broker settings."""
    common = {tuple(item["loc"][1:]) for item in errors if item["loc"][:1] == ("broker",)}
    for item in errors:
        location = tuple(item["loc"])
        if location[:1] == ("regions",) and "broker" in location[2:]:
            inner = location[location.index("broker", 2) + 1 :]
            if inner in common:
                continue
        yield item


def _line(error: Error) -> str:
    location: tuple[str | int, ...] = tuple(error["loc"])
    message = str(error["msg"]).removeprefix("Value error, ")
    inner, message = split(message)
    path = f"{PREFIX}:{_path([*location, inner] if inner else location)}".removesuffix(":")
    words = _words(error, location, message)
    if looks_secret(str(location[-1]) if location else "", error.get("input")):
        words = "it is not what is meant here"  # a rule's sentence repeats what stands there
    return f"  {printable(path)}: {printable(words)}"


def _words(error: Error, location: tuple[str | int, ...], message: str) -> str:
    kind, given = error["type"], error.get("input")
    if kind == "extra_forbidden":
        meant = similar(str(location[-1]), keys_at(Settings, location[:-1]))
        return f"unknown key{meant or ';'} see docs/configuration.md for the keys that there are"
    if kind in ("int_parsing", "float_parsing", "int_type", "float_type") and given in _TRUTHS:
        return f"a number is meant here, and YAML reads an unquoted yes, no, on or off as {given}"
    if kind == "missing":
        return "missing; it has to be given, see docs/configuration.md"
    if kind in _KINDS:
        return f"{_KINDS[kind]}{_unquoted(kind, given)}{_got(location, given)}"
    message = message.replace("Input should be", "should be").replace(
        "String should have", "should have"
    )
    if kind == "literal_error" and isinstance(given, str):
        message += similar(given, re.findall(r"'([^']+)'", str(error["ctx"]["expected"])))
    # A rule's own sentence has said what it is about.
    return (
        message
        if isinstance(given, dict | list) or given is None
        else message + _got(location, given)
    )


_TRUTHS = ("true", "false")

_KINDS = {
    "string_type": "a text is meant here",
    "int_type": "a whole number is meant here",
    "int_parsing": "should be a valid integer, a whole number without quotes",
    "int_from_float": "a whole number is meant here, without a fraction",
    "int_parsing_size": "the number has too many digits",
    "float_type": "a number is meant here",
    "float_parsing": "a number is meant here",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "dict_type": "a mapping is meant here, keys with values under them",
    "model_type": "a mapping is meant here, keys with values under them",
    "model_attributes_type": "a mapping is meant here, keys with values under them",
    "list_type": "a list is meant here: [one, other], or a line with '- ' for each",
    "tuple_type": "a list is meant here",
}


def _unquoted(kind: str, given: Any) -> str:
    """What YAML makes of a word without quotes, where a text was meant."""
    if kind != "string_type" or given is None or isinstance(given, list | dict):
        return ""
    return "; put quotes around it, or YAML reads it as a number or as true or false"


def _got(location: Sequence[str | int], given: Any) -> str:
    """What stands there, shortly, as YAML writes it; nothing of what may be a secret."""
    if looks_secret(str(location[-1]) if location else "", given):
        return ""
    if isinstance(given, bool):
        return f" (got {str(given).lower()})"
    if isinstance(given, int | float):
        text = repr(given) if abs(given) < 10**18 else "a huge number"
        return f" (got {text})"
    if isinstance(given, str):
        return f" (got '{given}')" if len(given) <= 60 else f" (got '{given[:50]}...')"
    words = {dict: "a mapping", list: "a list", type(None): "nothing"}
    return f" (got {words[type(given)]})" if type(given) in words and given is not None else ""


def _path(location: Sequence[str | int]) -> str:
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part == "[key]":
            continue  # pydantic's mark of a mapping's key, which stands before it
        else:
            path += f".{part}" if path else part
    return path
