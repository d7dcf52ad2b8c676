"""The last part of a comparison: resource by resource, property by property.

What several regions have in common is told once, with `{region}` in the place of each one's name
and `{digest}` in the place of a digest that the program makes.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from warren.comparison.compare import ESTATE, Comparison, Difference
from warren.comparison.diagram import MARKS, counted
from warren.plan.differences import PropertyChange

MOST_PROPERTIES = 20
"""Properties shown of one resource."""

REGION, DIGEST = "{region}", "{digest}"

_DIGESTS = (
    # components/topology/topology.py: the job's name ends with the digest of what it applies.
    (re.compile(r"metadata\.name$"), re.compile(r"(?<=^rabbitmq-topology-)[0-9a-f]{10}$")),
    # components/broker/broker.py: another checksum is what makes the brokers restart.
    (re.compile(r".*\.warren\.dev/config-checksum$"), re.compile(r"^[0-9a-f]{16}$")),
)
"""Properties that hold a digest, and where in their values it stands."""


@dataclass(frozen=True)
class Section:
    """What is told of one place, or of several that have it in common.

    Attributes:
        title: of which, and how many resources; of each, where there are several.
        lines: marked as the lines of a plan are.
    """

    title: str
    lines: Sequence[str]


def sections(comparison: Comparison) -> list[Section]:
    """Those first where data may go, the estate's own last."""
    holders: dict[Any, list[Difference]] = defaultdict(list)
    for item in comparison.differences:
        holders[_key(item)].append(item)
    grouped: dict[tuple[str, ...], list[list[Difference]]] = defaultdict(list)
    for alike in holders.values():
        # Two of one region may have one name under different parents: then nothing is folded.
        by_place = {item.place: item for item in alike}
        if len(by_place) == len(alike):
            grouped[tuple(sorted(by_place))].append(alike)
        else:
            for item in alike:
                grouped[(item.place,)].append([item])
    common = {place for places in grouped if len(places) > 1 for place in places}
    return [
        _section(places, groups, common)
        for places, groups in sorted(grouped.items(), key=lambda entry: entry[0] == (ESTATE,))
    ]


def _section(
    places: Sequence[str], groups: Sequence[Sequence[Difference]], common: set[str]
) -> Section:
    shown = [_common(alike) for alike in groups]
    lines = _lines(shown)
    if len(places) == 1:
        alone = " alone" if places[0] in common else ""
        return Section(f"{places[0]}{alone}: {counted(shown)}", lines)
    stands = {REGION: "its name", DIGEST: "a digest of its own"}
    legend = ", ".join(f"{x}: {y}" for x, y in stands.items() if any(x in line for line in lines))
    told = f"the same in each ({legend})" if legend else "the same in each"
    return Section(f"{', '.join(places)}: {told}: {counted(shown)}", lines)


def _key(item: Difference) -> str:
    """Alike for what differs in nothing but its region's name and the program's digests, all of it."""
    folded = _folded(item)
    changes = [(x.path, x.kind, x.old, x.new) for x in folded.changes]
    told = [item.place == ESTATE, item.kind, item.type, folded.name, [*item.reasons], changes]
    return json.dumps(told, sort_keys=True, default=str)


def _common(alike: Sequence[Difference]) -> Difference:
    """What is shown of them: values that are literally the same in each stay as they are."""
    first, *others = alike
    if not others:
        return first
    folded = _folded(first)
    changes = [
        change if all(item.changes[number] == change for item in others) else folded_change
        for number, (change, folded_change) in enumerate(
            zip(first.changes, folded.changes, strict=True)
        )
    ]
    return replace(folded, changes=changes)


def _folded(item: Difference) -> Difference:
    """Without its region's name (a word of its own) and without the program's digests."""
    if item.place == ESTATE:
        return item
    word = re.compile(rf"(?<![A-Za-z0-9]){re.escape(item.place)}(?![A-Za-z0-9])")
    return replace(
        item,
        name=word.sub(REGION, item.name),
        changes=[
            PropertyChange(
                word.sub(REGION, change.path),
                change.kind,
                _without(word, _undigested(change.path, change.old)),
                _without(word, _undigested(change.path, change.new)),
            )
            for change in item.changes
        ],
    )


def _without(word: re.Pattern[str], value: Any) -> Any:
    if isinstance(value, str):
        return word.sub(REGION, value)
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, Any]", value).items()
        return {word.sub(REGION, key): _without(word, inner) for key, inner in entries}
    if isinstance(value, Sequence):
        return [_without(word, inner) for inner in cast("Sequence[Any]", value)]
    return value


def _undigested(path: str, value: Any) -> Any:
    for where, digest in _DIGESTS:
        if isinstance(value, str) and where.match(path):
            value = digest.sub(DIGEST, value)
    return value


def _lines(items: Sequence[Difference]) -> list[str]:
    """What changes with its properties; what comes or goes by type."""
    lines: list[str] = []
    bare: dict[tuple[str, str], list[str]] = {}
    for item in items:
        if item.changes:
            lines += _resource(item)
        else:
            bare.setdefault((item.kind, item.type), []).append(item.name)
    for (kind, type_), names in sorted(bare.items(), key=lambda entry: entry[0][0] == "added"):
        lines.append(f"{MARKS[kind]} {type_}  {', '.join(names)}")
    return lines


def _resource(item: Difference) -> list[str]:
    kind = f"  ({item.kind}: {', '.join(item.reasons[:3])})" if item.reasons else ""
    shown = [_property(change) for change in item.changes[:MOST_PROPERTIES]]
    more = len(item.changes) - len(shown)
    if more > 0:
        shown.append(f"      ... and {more} more")
    return [f"{MARKS[item.kind]} {item.type}  {item.name}{kind}", *shown]


def _property(change: PropertyChange) -> str:
    if change.kind == "add":
        return f"+     {change.path}: {short(change.new)}"
    if change.kind == "remove":
        return f"-     {change.path}: {short(change.old)}"
    return f"      {change.path}: {short(change.old)} -> {short(change.new)}"


def short(value: object) -> str:
    """A value in one line of at most 90 characters."""
    flat = value if isinstance(value, str) else json.dumps(value, default=str)
    flat = flat.replace("\n", "\\n")
    return flat if len(flat) <= 90 else f"{flat[:87]}..."
