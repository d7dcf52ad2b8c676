"""Differences of two property values as a reader wants them: list entries by name, text by line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, cast

from warren.plan.differences import PropertyChange, diff_mappings
from warren.values import is_secret, mask, reveal, secret

_NAMES = ("name", "key", "id")


def property_diff(old: Any, new: Any, path: str = "") -> list[PropertyChange]:
    """What differs, by property path; secrets are told of and not shown.

    Entries of lists are matched by name where they have one, else by content, so that an entry
    added in front does not change all that follow. Documents in text are taken apart.
    """
    if _text(reveal(old)) == _text(reveal(new)):
        return []
    if is_secret(old) or is_secret(new):
        return [PropertyChange(path, "change", mask(secret(old)), mask(secret(new)))]
    return _content(*_document(old, new), path)


def _content(old: Any, new: Any, path: str) -> list[PropertyChange]:
    if _text(old) == _text(new):
        return [PropertyChange(path, "change", "a document", "the same one, written otherwise")]
    if isinstance(old, dict) and isinstance(new, dict):
        return diff_mappings(
            cast("dict[str, Any]", old), cast("dict[str, Any]", new), path, property_diff
        )
    if isinstance(old, list) and isinstance(new, list):
        return _lists(cast("list[Any]", old), cast("list[Any]", new), path)
    if isinstance(old, str) and isinstance(new, str) and "\n" in old + new:
        return _lists(old.splitlines(), new.splitlines(), f"{path} line")
    return [PropertyChange(path, "change", mask(old), mask(new))]


def _document(old: Any, new: Any) -> tuple[Any, Any]:
    """The data in two JSON texts, or the values as they are."""
    if not (isinstance(old, str) and isinstance(new, str)):
        return old, new
    if not (old[:1] in ("{", "[") and new[:1] == old[:1]):
        return old, new
    try:
        return json.loads(old), json.loads(new)
    except ValueError:
        return old, new


def _lists(old: Sequence[Any], new: Sequence[Any], path: str) -> list[PropertyChange]:
    before, after = _named(old), _named(new)
    if before is not None and after is not None:
        found: list[PropertyChange] = []
        for name in [*before, *(name for name in after if name not in before)]:
            place = f"{path}[{name}]"
            if name not in after:
                found.append(PropertyChange(place, "remove", mask(before[name]), None))
            elif name not in before:
                found.append(PropertyChange(place, "add", None, mask(after[name])))
            else:
                found += property_diff(before[name], after[name], place)
    else:
        found = _entries(old, new, path)
    return found or [
        PropertyChange(path, "change", "entries", "the same, in another order or form")
    ]


def _entries(old: Sequence[Any], new: Sequence[Any], path: str) -> list[PropertyChange]:
    """Entries that only one of the two has. Those that pair off are compared with one another."""
    gone, come = _without(old, new), _without(new, old)
    structured = all(isinstance(item, dict | list) for _, item in [*gone, *come])
    if len(gone) == len(come) and (structured or [i for i, _ in gone] == [i for i, _ in come]):
        # Each in the place of the other: the same entries, changed.
        return [
            change
            for (index, before), (_, after) in zip(gone, come, strict=True)
            for change in property_diff(before, after, f"{path}[{index}]")
        ]
    return [
        *(PropertyChange(f"{path}[{index}]", "remove", mask(item), None) for index, item in gone),
        *(PropertyChange(f"{path}[{index}]", "add", None, mask(item)) for index, item in come),
    ]


def _without(items: Sequence[Any], others: Sequence[Any]) -> list[tuple[int, Any]]:
    left = Counter(_text(item) for item in others)
    found: list[tuple[int, Any]] = []
    for index, item in enumerate(items):
        if left[_text(item)]:
            left[_text(item)] -= 1
        else:
            found.append((index, item))
    return found


def _named(items: Sequence[Any]) -> dict[str, Any] | None:
    """The entries by name; None where not each has a name of its own."""
    found = {_name(item): item for item in items}
    return None if len(found) != len(items) or None in found else cast("dict[str, Any]", found)


def _name(item: Any) -> str | None:
    if not isinstance(item, dict):
        return None
    entry = cast("dict[str, Any]", item)
    entry = {**cast("dict[str, Any]", entry.get("metadata") or {}), **entry}
    return next((str(entry[key]) for key in _NAMES if isinstance(entry.get(key), str)), None)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
