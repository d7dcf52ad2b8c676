"""A comparison for people: plain text, and Markdown for a pull request.

Both begin with what can be lost; then what a reviewer should know; then regions and links; last,
resource by resource and property by property.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from components.settings.clouds import registry
from warren.comparison import judgement as policies
from warren.comparison.compare import ESTATE, Comparison, Difference, Region
from warren.comparison.details import sections, short
from warren.comparison.diagram import MARKS, diagram, place_counts

MOST_NAMES = 6
"""Resources named in one sentence."""

MOST_DETAILS = 12_000
"""Characters of details in Markdown: the workflow gives each plan 20,000 bytes of the one comment."""

LOUD = "This can lose data, stop brokers or clients, or let strangers in"
NOTHING = "Nothing that this stack consists of changes."


def counts(comparison: Comparison) -> str:
    """How many of each."""
    counted = Counter(item.kind for item in comparison.differences)
    none = "no resource changes" if comparison.facts else "no change"
    return ", ".join(f"{counted[kind]} {kind}" for kind in MARKS if counted[kind]) or none


def text(comparison: Comparison, *, unchanged: bool = False) -> str:
    """For a terminal.

    Args:
        comparison: what is told.
        unchanged: whether what stays the same is listed too.
    """
    lines = [f"{_title(comparison)}: {counts(comparison)} (of {comparison.resources} resources)"]
    judged = policies.text(comparison.judgement)
    same = _same(comparison) if unchanged else []
    if comparison.nothing:
        return "\n".join([*lines, NOTHING, *judged, *same])
    dangers, notes = _dangers(comparison), _notes(comparison)
    if dangers:
        lines += ["", LOUD.upper()]
        for who, told in dangers:
            lines += [f"!! {who}", *(f"     {sentence}" for sentence in told)]
    if notes:
        lines += ["", "To know"]
        lines += [f"   {sentence}{_of(names)}" for sentence, names in notes]
    lines += judged
    lines += ["", "Regions", *(f"   {line}" for line in _regions(comparison))]
    links = _links(comparison)
    if links:
        lines += ["", "Links", *(f"   {line}" for line in links)]
    for section in sections(comparison):
        lines += ["", section.title, *section.lines]
    return "\n".join([*lines, *same])


def _same(comparison: Comparison) -> list[str]:
    """What both versions have alike, by place and type."""
    lines = ["", f"The same: {len(comparison.same)} resources"]
    for place in dict.fromkeys(item.place for item in comparison.same):
        names: dict[str, list[str]] = {}
        for item in comparison.same:
            if item.place == place:
                names.setdefault(item.type, []).append(item.name)
        lines += [
            f"  {place}",
            *(f"    {kind}  {', '.join(x)}" for kind, x in sorted(names.items())),
        ]
    return lines


def markdown(comparison: Comparison, *, unchanged: bool = False) -> str:
    """For a comment: what can be lost, a picture of what is touched where, details folded away."""
    judged = policies.markdown(comparison.judgement)
    same: list[str] = []
    if unchanged:
        summary = f"the same: {len(comparison.same)} resources"
        same = [
            f"<details><summary>{summary}</summary>",
            "",
            "```text",
            *_same(comparison)[2:],
            "```",
        ]
        same += ["", "</details>", ""]
    lines = [f"### {_title(comparison, '`')}: {counts(comparison)}", ""]
    if comparison.nothing:
        return "\n".join(
            [*lines, f"{NOTHING} ({comparison.resources} resources)", "", *judged, *same]
        )
    dangers, notes = _dangers(comparison), _notes(comparison)
    if dangers:
        lines += ["> [!CAUTION]", f"> **{LOUD}.**", ">"]
        for who, told in dangers:
            lines += [f"> - {who}", *(f">   - {sentence}" for sentence in told)]
        lines.append("")
    else:
        lines += ["Nothing here is known to lose data or to stop brokers or clients.", ""]
    lines += judged
    if notes:
        lines += ["**To know**", ""]
        lines += [f"- {sentence}{_of(names, '`')}" for sentence, names in notes]
        lines.append("")
    lines += diagram(comparison)
    lines += ["| region | cloud, role | resources |", "|---|---|---|"]
    lines += [
        f"| {region.name} | {region.cloud}, {region.role} "
        f"| {_fate(region, place_counts(comparison, region.name))} |"
        for region in comparison.regions
    ]
    rest = place_counts(comparison, ESTATE)
    lines += [*([f"| *no single one* | CA, users, links, names | {rest} |"] if rest else []), ""]
    links = [line for line in _links(comparison) if not line.startswith("  ")]
    if links:
        lines += ["**Links**", "", "```diff", *links, "```", ""]
    return "\n".join([*lines, *_folded(comparison), *same])


def _folded(comparison: Comparison) -> list[str]:
    """Details, as many as fit."""
    lines: list[str] = []
    left = MOST_DETAILS
    for section in sections(comparison):
        # A fence in a value would end ours.
        details = [line.replace("```", "'''") for line in section.lines]
        shown: list[str] = []
        for line in details:
            left -= len(line) + 1
            if left < 0:
                break
            shown.append(line)
        if len(shown) < len(details):
            shown.append(
                f"... {len(details) - len(shown)} more lines: `warren plan --against` has them all"
            )
        lines += [f"<details><summary>{section.title}</summary>", "", "```diff", *shown, "```", ""]
        lines += ["</details>", ""]
    return lines


def _title(comparison: Comparison, quote: str = "") -> str:
    base = "nothing (a new stack)" if comparison.new else f"{quote}{comparison.base}{quote}"
    return f"{quote}{comparison.stack}{quote} against {base}"


def _dangers(comparison: Comparison) -> list[tuple[str, list[str]]]:
    """What goes, what holds most first; the same fate of several is told once."""
    found = [("the estate", list(comparison.dangers))] if comparison.dangers else []
    found += [
        (
            f"removed: region {region.name} ({region.cloud}, {region.role})",
            ["What only its queues hold is lost with them: drain it before it goes."],
        )
        for region in comparison.regions
        if region.fate == "removed"
    ]
    grouped: dict[tuple[str, tuple[str, ...]], list[Difference]] = {}
    for item in sorted(comparison.differences, key=_rank):
        if item.dangerous:
            grouped.setdefault((item.kind, tuple(item.consequences)), []).append(item)
    for (kind, told), items in grouped.items():
        types = dict.fromkeys(_kind(item) for item in items)
        named = [
            f"{type_} {_names([item.name for item in items if _kind(item) == type_])}"
            for type_ in types
        ]
        found.append((f"{kind}: {'; '.join(named)}", list(told)))
    return found


_RANKS = ("StatefulSet", "Namespace", "cluster", "Secret", "StorageClass")
"""What is told first: kinds of Kubernetes, and what the clouds say that their resources hold."""


def _rank(item: Difference) -> int:
    held = registry.holding().get(item.type)
    kind = held if held in _RANKS else _kind(item)
    return _RANKS.index(kind) if kind in _RANKS else len(_RANKS)


def _kind(item: Difference) -> str:
    return item.type.rpartition(":")[2]


def _notes(comparison: Comparison) -> list[tuple[str, list[str]]]:
    """What follows from changes that lose nothing, each sentence once, with the names it is of."""
    grouped: dict[str, list[str]] = {}
    for item in comparison.differences:
        if not item.dangerous:  # else they stand with the danger
            for sentence in item.consequences:
                grouped.setdefault(sentence, []).append(item.name)
    facts = [
        (f"The estate's {fact.path} changes: {short(fact.old)} -> {short(fact.new)}.", [])
        for fact in comparison.facts
    ]
    estate = [(sentence, []) for sentence in comparison.notes]
    return [*facts, *estate, *_renames(comparison), *grouped.items()]


def _renames(comparison: Comparison) -> Iterable[tuple[str, list[str]]]:
    """A region that goes and one that comes are no rename: messages do not follow."""
    gone = [region for region in comparison.regions if region.fate == "removed"]
    come = [region for region in comparison.regions if region.fate == "added"]
    for region in gone:
        for other in come:
            if (region.cloud, region.role) == (other.cloud, other.role):
                yield (
                    f"If '{other.name}' is meant to be '{region.name}' under another name: a region "
                    f"can't be renamed. '{region.name}' is taken down, and '{other.name}' begins empty.",
                    [],
                )


def _of(names: Sequence[str], quote: str = "") -> str:
    return f" ({_names(names, quote)})" if names else ""


def _names(names: Sequence[str], quote: str = "") -> str:
    shown = [f"{quote}{name}{quote}" for name in names[:MOST_NAMES]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _regions(comparison: Comparison) -> list[str]:
    width = max(len(region.name) for region in comparison.regions)
    return [
        f"{region.name:<{width}}  {region.cloud}, {region.role}: "
        f"{_fate(region, place_counts(comparison, region.name))}"
        for region in comparison.regions
    ]


def _fate(region: Region, told: str) -> str:
    fate = {"added": "new", "removed": "REMOVED", "same": "the same"}.get(region.fate, "")
    changes = [f"{x.path} {short(x.old)} -> {short(x.new)}" for x in region.changes]
    return ", ".join(text for text in (f"{fate} {told}".strip(), *changes) if text)


def _links(comparison: Comparison) -> list[str]:
    marks = {"added": "+ ", "removed": "- "}
    ends = " (what it has not fetched stays in its queue upstream)"
    return [
        f"{marks.get(link.fate, '  ')}{link.kind} {link.source} -> {link.target}, "
        f"vhost {link.vhost}{ends if link.fate == 'removed' else ''}"
        for link in comparison.links
    ]
