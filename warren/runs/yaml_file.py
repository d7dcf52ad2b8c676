"""A YAML file of the project, read within bounds: plain values under text keys, each key once.

PyYAML's events are put together here with a stack of our own instead of by its composer, which recurses
as deep as the file says and takes aliases for free: a file of a kilobyte can stand for a billion values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml

from warren.errors import WarrenError

LARGEST = 2 * 2**20
"""Bytes of a file; a stack of a hundred regions has about a hundred thousand."""

DEEPEST = 40
MOST = 200_000
"""Values of a file, those counted again that an alias repeats."""

_RESOLVER = yaml.SafeLoader
_PLAIN = "tag:yaml.org,2002:"
_KINDS = {f"{_PLAIN}{kind}" for kind in ("str", "int", "float", "bool", "null")}
_WORDS = {"yes", "no", "on", "off", "y", "n"}


@dataclass
class _Node:
    """A mapping or list under construction.

    Attributes:
        value: the dict or list so far.
        line: where it begins.
        anchor: its name for aliases.
        key: of a mapping, the key that waits for its value.
        size: values in it, aliases resolved.
        merged: what `<<` brings in, under the mapping's own keys.
    """

    value: Any
    line: int
    anchor: str | None
    key: str | None = None
    size: int = 1
    merged: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


def read(file: Path) -> dict[str, Any]:
    """The file's mapping.

    Raises:
        WarrenError: it can't be read or is not what warren takes; exit code 2.
    """
    try:
        data = file.read_bytes() if file.stat().st_size <= LARGEST else None
    except FileNotFoundError:
        raise WarrenError(
            f"{file} does not exist.", "Run this in the project's directory, or give --cwd.", 2
        ) from None
    except OSError as error:
        raise WarrenError(
            f"{file} can't be read: {error.strerror}.", "Mend it and run again.", 2
        ) from None
    if data is None:
        raise _wrong(file, f"it is larger than {LARGEST} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise WarrenError(
            f"{file}, line {line}: it is not in UTF-8.", "Save it as UTF-8 and run again.", 2
        ) from None
    try:
        content = _Reading(file).whole(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark else ""
        raise WarrenError(
            f"{file}{where} is no YAML: {error.problem or error.context}.",
            "Mend it and run again.",
            2,
        ) from None
    except (yaml.YAMLError, RecursionError):
        raise _wrong(file, "it is no YAML: a character in it is none of a text") from None
    if not isinstance(content, dict):
        raise _wrong(file, "it holds no mapping of keys")
    return cast("dict[str, Any]", content)


def _wrong(file: Path, what: str, line: int | None = None) -> WarrenError:
    where = f", line {line}" if line is not None else ""
    return WarrenError(f"{file}{where}: {what}.", "Mend it and run again.", 2)


class _Reading:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._open: list[_Node] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._result: Any = None
        self._documents = 0
        self._total = 0

    def whole(self, text: str) -> Any:
        for event in cast("Iterator[Any]", yaml.parse(text, Loader=yaml.SafeLoader)):
            self._take(event, event.start_mark.line + 1)
        return self._result

    def _fail(self, what: str, line: int) -> WarrenError:
        return _wrong(self._file, what, line)

    def _take(self, event: Any, line: int) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._fail("a second document begins; one is meant", line)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise self._fail(f"'*{event.anchor}' stands within itself, or for nothing", line)
            value, size = self._anchors[event.anchor]
            self._put(value, size, line)
        elif isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event, line)
            if event.anchor:
                self._anchors[event.anchor] = (value, 1)
            self._put(value, 1, line, key=event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            if event.tag not in (None, f"{_PLAIN}map", f"{_PLAIN}seq"):
                raise self._fail("a tag is not taken; write plain values", line)
            if len(self._open) >= DEEPEST:
                raise self._fail(f"it is nested deeper than {DEEPEST} levels", line)
            empty: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
            self._open.append(_Node(empty, line, event.anchor))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            node = self._open.pop()
            for more in node.merged:
                node.value = {**more, **node.value}
            if node.anchor:
                self._anchors[node.anchor] = (node.value, node.size)
            self._put(node.value, node.size, node.line)

    def _put(self, value: Any, size: int, line: int, key: Any = None) -> None:
        self._total += 1
        if not self._open:
            self._result = value
            return
        node = self._open[-1]
        if isinstance(node.value, list):
            cast("list[Any]", node.value).append(value)
        elif node.key is None:
            node.key = self._key(value, key, node, line)
            return
        elif node.key == "<<":
            self._merge(node, value, line)
            node.key = None
        else:
            node.value[node.key] = value
            node.key = None
        node.size += size
        if node.size > MOST or self._total > MOST:
            raise self._fail(f"it stands for more than {MOST} values, aliases counted", line)

    def _merge(self, node: _Node, value: Any, line: int) -> None:
        found = cast("list[Any]", value) if isinstance(value, list) else [value]
        if not all(isinstance(item, dict) for item in found):
            raise self._fail("'<<' takes a mapping, or a list of them", line)
        node.merged += cast("list[dict[str, Any]]", found)

    def _key(self, value: Any, event: Any, node: _Node, line: int) -> str:
        if not isinstance(value, str):
            written = getattr(event, "value", "")
            raise self._fail(
                f"the key '{written}' is no text to YAML; put quotes around it"
                if isinstance(written, str) and written
                else "a key is empty or no text; write one",
                line,
            )
        if value in node.value:
            raise self._fail(f"the key '{value}' stands there twice", line)
        return value

    def _scalar(self, event: Any, line: int) -> Any:
        text: str = event.value
        if event.tag is None and not event.implicit[0]:
            return text  # in quotes
        tag = event.tag or yaml.SafeLoader("").resolve(yaml.ScalarNode, text, event.implicit)
        if tag == f"{_PLAIN}merge":
            return text
        shown = text if len(text) <= 40 else f"{text[:40]}..."
        if tag not in _KINDS:
            raise self._fail(
                f"'{shown}' is a date or the like to YAML; put quotes around it, if it is a text",
                line,
            )
        if tag == f"{_PLAIN}bool":
            if text.lower() in _WORDS:
                raise self._fail(
                    f"'{shown}' is true or false to one reader of YAML and a word to another; write "
                    "true or false, or put quotes around the word",
                    line,
                )
            return text.lower() == "true"
        if tag == f"{_PLAIN}null":
            return None
        if tag in (f"{_PLAIN}int", f"{_PLAIN}float"):
            return self._number(text, shown, line)
        return text

    def _number(self, text: str, shown: str, line: int) -> int | float:
        digits = text.removeprefix("-")
        whole, dot, rest = digits.partition(".")
        right = whole.isdecimal() and whole.isascii() and (whole == "0" or whole[0] != "0")
        if dot:
            right = right and rest.isdecimal() and rest.isascii()
        if not right or len(digits) > 18:
            raise self._fail(
                f"'{shown}' is another number than it looks, or too long a one; put quotes around it, "
                "or write it with digits alone and no zero before them",
                line,
            )
        return float(text) if dot else int(text)
