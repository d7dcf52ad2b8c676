"""What rules on consequences look at, and what they give."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from warren.plan.differences import PropertyChange

Kind = Literal["added", "removed", "changed", "replaced"]


@dataclass(frozen=True)
class Change:
    """A resource in both versions; `before` or `after` is empty where there is none.

    Attributes:
        with_region: whether its whole region goes, which is told of by itself.
    """

    kind: Kind
    type: str
    name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    properties: Sequence[PropertyChange]
    with_region: bool = False

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
        loses: whether it is a danger: data, keys or names may be lost, brokers or clients stop, or
            doors open that were shut.
    """

    text: str
    loses: bool = False


Rule = Callable[[Change], Iterator[Consequence]]
