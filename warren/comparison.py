"""A comparison for people: plain text, and Markdown for a pull request."""

from __future__ import annotations

from collections import Counter

from warren.engines.compare import Comparison, Difference
from warren.engines.values import PropertyChange

_MARKS = {"added": "+", "removed": "-", "changed": "~", "replaced": "±"}
MOST_PROPERTIES = 20


def counts(comparison: Comparison) -> str:
    """How many of each."""
    counted = Counter(item.kind for item in comparison.differences)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counted.items())) or "no change"


def text(comparison: Comparison) -> str:
    """One line a resource and one a property; what can lose data first, and loudly."""
    lines: list[str] = []
    dangerous = [item for item in comparison.differences if item.dangerous]
    if dangerous:
        lines += [
            f"CAN LOSE DATA: {len(dangerous)} resource(s) that hold data go or are replaced",
            "",
        ]
    for item in comparison.differences:
        lines.append(
            f"{_MARKS[item.kind]} {'!! ' if item.dangerous else ''}{item.type}  {item.name}"
        )
        lines += [f"      {line}" for line in _properties(item)]
    lines.append(
        f"{comparison.stack} against {comparison.base}: {counts(comparison)} "
        f"(of {comparison.resources} resources)"
    )
    return "\n".join(lines)


def markdown(comparison: Comparison) -> str:
    """For a comment: a headline, a diagram of what is touched where, and the text folded away."""
    dangerous = [item for item in comparison.differences if item.dangerous]
    lines = [f"### `{comparison.stack}` against `{comparison.base}`: {counts(comparison)}", ""]
    if dangerous:
        lines += [
            "> [!CAUTION]",
            "> **This can lose data.** These hold data and go or are replaced:",
        ]
        lines += [f"> - `{item.type}` **{item.name}** ({item.kind})" for item in dangerous]
        lines.append("")
    if not comparison.differences:
        return "\n".join([*lines, "Nothing that this stack consists of changes.", ""])
    lines += [
        *_diagram(comparison),
        "<details><summary>Resource by resource</summary>",
        "",
        "```diff",
    ]
    lines += [text(comparison).replace("±", "!"), "```", "", "</details>", ""]
    return "\n".join(lines)


def _properties(item: Difference) -> list[str]:
    shown = [_property(change) for change in item.changes[:MOST_PROPERTIES]]
    more = len(item.changes) - len(shown)
    return [*shown, f"... and {more} more"] if more > 0 else shown


def _property(change: PropertyChange) -> str:
    return f"{change.path}: {_short(change.old)} -> {_short(change.new)}"


def _short(value: object) -> str:
    flat = "(none)" if value is None else str(value).replace("\n", "\\n")
    return flat if len(flat) <= 90 else f"{flat[:87]}..."


def _diagram(comparison: Comparison) -> list[str]:
    """The places (regions, by the first word of a resource's name) and what happens in each."""
    places: dict[str, Counter[str]] = {}
    for item in comparison.differences:
        places.setdefault(item.name.split("-")[0], Counter())[item.kind] += 1
    lines = ["```mermaid", "flowchart LR", f'  stack(["{comparison.stack}"])']
    for number, (place, counted) in enumerate(sorted(places.items())):
        told = "<br/>".join(f"{count} {kind}" for kind, count in sorted(counted.items()))
        lines.append(f'  stack --> p{number}["{place}<br/>{told}"]')
    return [*lines, "```", ""]
