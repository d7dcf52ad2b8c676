"""One rule about one resource: inputs that keep it, and inputs that break it."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Case:
    """A rule, a type, inputs that keep it, and changes (path, value) each of which breaks it."""

    rule: str
    type: str
    good: dict[str, Any]
    breaks: list[tuple[str, Any]]
    production: bool = True
    secrets: set[str] = field(default_factory=set[str])

    def bad(self) -> list[dict[str, Any]]:
        return [changed(self.good, path, value) for path, value in self.breaks]


def changed(inputs: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The inputs with one value put at a path, or taken away if it is None."""
    result = copy.deepcopy(inputs)
    place: Any = result
    *way, last = path.split(".")
    for key in way:
        place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
    if isinstance(place, list):
        place[int(last)] = value
    elif value is None:
        place.pop(last)
    else:
        place[last] = value
    return result
