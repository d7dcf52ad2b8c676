"""What rules on consequences look at, and what they give."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from warren.engines.values import PropertyChange

Kind = Literal["added", "removed", "changed", "replaced"]


@dataclass(frozen=True)
class Change:
    """A resource in both versions; `before` or `after` is empty where there is none."""

    kind: Kind
    type: str
    name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    properties: Sequence[PropertyChange]

    @property
    def gone(self) -> bool:
        """Whether what is there now is deleted, be it to be made anew."""
        return self.kind in ("removed", "replaced")

    @property
    def old(self) -> dict[str, Any]:
        """The older version's inputs."""
        return cast("dict[str, Any]", self.before.get("inputs") or {})

    @property
    def new(self) -> dict[str, Any]:
        """The newer version's inputs."""
        return cast("dict[str, Any]", self.after.get("inputs") or {})

    def touches(self, pattern: str) -> list[PropertyChange]:
        """The changed properties whose path matches from its beginning."""
        return [item for item in self.properties if re.match(pattern, item.path)]


@dataclass(frozen=True)
class Consequence:
    """What follows from a change, in a sentence.

    Attributes:
        loses: whether data, keys or names may be lost, or brokers stop.
    """

    text: str
    loses: bool = False


Rule = Callable[[Change], Iterator[Consequence]]


def access(change: Change, pattern: str, what: str) -> Iterator[Consequence]:
    """Who is let in and shut out by changed address ranges."""
    ranges = change.touches(pattern)
    for values, text in (
        ([item.new for item in ranges], f"Let in at {what} from now on"),
        ([item.old for item in ranges], f"Shut out of {what} from now on"),
    ):
        named = [str(value) for value in values if isinstance(value, str)]
        if named:
            yield Consequence(f"{text}: {', '.join(named)}.")
