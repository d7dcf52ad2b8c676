"""Two versions of program and config, held against each other resource by resource.

Made for pull requests from people who have no credentials: both versions are planned offline, from
nothing, and what differs is told, what can lose data first.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, cast

from warren.comparison.cloud_replacement import replacing_in_clouds
from warren.comparison.consequences import Change, Consequence, Kind, consequences, of_estate
from warren.comparison.property_diff import property_diff
from warren.comparison.versions import checkout, described
from warren.plan.differences import PropertyChange
from warren.plan.policies import Violation, from_json
from warren.plan.replacement import replacing

SCHEMA = "warren.comparison/3"

Fate = Literal["same", "added", "removed", "changed"]

ESTATE = "estate"
"""The place of what belongs to no single region: the CA, users, links' certificates, names."""

_OPTIONS = {"protect": "protected from deletion", "retain": "kept when it is deleted"}


@dataclass(frozen=True)
class Difference:
    """A resource that is not the same in both versions.

    Attributes:
        kind: what happens to it; "replaced" where the change can't be made in place, as far as that
            is known without asking a cloud.
        place: the region that it belongs to, or `ESTATE`.
        changes: of its properties; secrets masked.
        reasons: paths of those changes that make it a replacement.
        dangerous: whether data, keys or names may be lost.
        consequences: what a reviewer must know of it.
    """

    kind: Kind
    urn: str
    type: str
    name: str
    place: str
    changes: Sequence[PropertyChange]
    reasons: Sequence[str]
    dangerous: bool
    consequences: Sequence[str]


@dataclass(frozen=True)
class Region:
    """A region in one version or both.

    Attributes:
        fate: "changed" where anything of it differs.
        changes: of its cloud, role and number of brokers.
    """

    name: str
    cloud: str
    role: str
    fate: Fate
    changes: Sequence[PropertyChange] = ()


@dataclass(frozen=True)
class Link:
    """A link in one version or both."""

    name: str
    kind: str
    source: str
    target: str
    vhost: str
    fate: Fate


@dataclass(frozen=True)
class Same:
    """A resource that both versions have alike."""

    urn: str
    type: str
    name: str
    place: str


@dataclass(frozen=True)
class Judgement:
    """What breaks a policy, or an SDK's word, told apart by which version does.

    Attributes:
        new: the change brings it in.
        old: it was there before, and still is.
        mended: it was there before, and is no more.
    """

    new: Sequence[Violation]
    old: Sequence[Violation]
    mended: Sequence[Violation]

    @property
    def violated(self) -> bool:
        """Whether something mandatory is broken now, by whichever version."""
        return any(item.level == "mandatory" for item in (*self.new, *self.old))


@dataclass(frozen=True)
class Comparison:
    """All differences, the dangerous ones first.

    Attributes:
        facts: changes of what holds for the whole estate, such as which region is primary.
        dangers: what of it may lose data or names, or stop brokers or clients, in sentences.
        notes: what else of it a reviewer must know.
        same: resources that both versions have alike.
        judgement: what breaks a policy; None where nobody asked.
        resources: how many the newer version has, components not counted.
        new: whether the older version has no such stack.
    """

    stack: str
    base: str
    facts: Sequence[PropertyChange]
    differences: Sequence[Difference]
    regions: Sequence[Region]
    links: Sequence[Link]
    resources: int
    new: bool = False
    dangers: Sequence[str] = ()
    notes: Sequence[str] = ()
    same: Sequence[Same] = ()
    judgement: Judgement | None = None

    @property
    def nothing(self) -> bool:
        """Whether the two versions make the same estate."""
        told = self.differences or self.facts or self.dangers or self.notes
        return not told and all(item.fate == "same" for item in (*self.regions, *self.links))

    def to_json(self, *, unchanged: bool = False) -> dict[str, Any]:
        """For machines; secrets are masked. What is the same in both is left out unless asked for."""
        found: dict[str, Any] = {"schema": SCHEMA, **asdict(self), "nothing": self.nothing}
        if not unchanged:
            del found["same"]
        if self.judgement is not None:
            found["judgement"]["violated"] = self.judgement.violated
        return found


def compare(
    stack: str, base_name: str, base: Mapping[str, Any], head: Mapping[str, Any]
) -> Comparison:
    """Compares two descriptions (`warren.comparison.description.describe`) made with one salt."""
    before = {item["urn"]: item for item in base["resources"]}
    after = {item["urn"]: item for item in head["resources"]}
    places = {**base["regions"], **head["regions"]}
    going = base["regions"].keys() - head["regions"].keys()
    found = [
        difference
        for urn in (*after, *(urn for urn in before if urn not in after))
        if (difference := _one(before.get(urn), after.get(urn), places, going)) is not None
    ]
    kinds = {"removed": 0, "replaced": 1, "changed": 2, "added": 3}
    told = list(of_estate(base, head))
    found.sort(key=lambda x: (not x.dangerous, x.place, kinds[x.kind], x.type, x.name))
    return Comparison(
        stack,
        base_name,
        property_diff(base["facts"], head["facts"]) if before else [],
        found,
        _regions(base["regions"], head["regions"], {item.place for item in found}),
        _links(base["links"], head["links"]),
        len(after),
        new=not before,
        dangers=[item.text for item in told if item.loses],
        notes=[item.text for item in told if not item.loses],
        same=[
            Same(urn, after[urn]["type"], after[urn]["name"], _place(after[urn], places))
            for urn in sorted(after.keys() - {item.urn for item in found})
        ],
        judgement=_judgement(base.get("violations") or [], head["violations"])
        if head.get("violations") is not None
        else None,
    )


def _judgement(base: Sequence[Mapping[str, Any]], head: Sequence[Mapping[str, Any]]) -> Judgement:
    before, after = ([from_json(item) for item in side] for side in (base, head))
    known = {_wrong(item) for item in before}
    left = {_wrong(item) for item in after}
    return Judgement(
        new=[item for item in after if _wrong(item) not in known],
        old=[item for item in after if _wrong(item) in known],
        mended=[item for item in before if _wrong(item) not in left],
    )


def _wrong(violation: Violation) -> tuple[str, str, str]:
    return violation.rule, violation.urn, violation.message


def _one(
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    places: Mapping[str, Any],
    going: Collection[str],
) -> Difference | None:
    item = cast("Mapping[str, Any]", after or before)
    changes: list[PropertyChange] = []
    reasons: list[str] = []
    kind: Kind = "added" if before is None else "removed"
    if before is not None and after is not None:
        changes = [
            *property_diff(before["inputs"], after["inputs"]),
            *(
                PropertyChange(text, "change", before[key], after[key])
                for key, text in _OPTIONS.items()
                if before[key] != after[key]
            ),
        ]
        if not changes:
            return None
        reasons = [
            *replacing(item["type"], changes),
            *replacing_in_clouds(item["type"], [change.path for change in changes]),
        ]
        kind = "replaced" if reasons else "changed"
    place = _place(item, places)
    told: list[Consequence] = consequences(
        Change(kind, item["type"], item["name"], before or {}, after or {}, changes, place in going)
    )
    return Difference(
        kind,
        item["urn"],
        item["type"],
        item["name"],
        place,
        changes,
        reasons,
        dangerous=any(consequence.loses for consequence in told),
        consequences=[consequence.text for consequence in told],
    )


def _place(item: Mapping[str, Any], places: Mapping[str, Any]) -> str:
    """Its provider's region, or the one whose name its own begins with."""
    if item["provider"] in places:
        return item["provider"]
    name = str(item["name"])
    return max(
        (place for place in places if name == place or name.startswith(f"{place}-")),
        key=len,
        default=ESTATE,
    )


def _regions(base: Mapping[str, Any], head: Mapping[str, Any], touched: set[str]) -> list[Region]:
    def fate(name: str) -> Fate:
        if name not in base or name not in head:
            return "added" if name in head else "removed"
        return "changed" if name in touched or base[name] != head[name] else "same"

    return [
        Region(
            name,
            str(spec["cloud"]),
            str(spec["role"]),
            fate(name),
            property_diff(base[name], head[name]) if name in base and name in head else (),
        )
        for name, spec in sorted({**base, **head}.items())
    ]


def _links(base: Sequence[Mapping[str, Any]], head: Sequence[Mapping[str, Any]]) -> list[Link]:
    before, after = ({item["name"]: item for item in side} for side in (base, head))
    return [
        Link(
            name,
            item["kind"],
            item["from"],
            item["to"],
            item["vhost"],
            "removed" if name not in after else "same" if name in before else "added",
        )
        for name, item in sorted({**before, **after}.items())
    ]


def against(directory: Path, stack: str, reference: str, *, policies: bool = False) -> Comparison:
    """Compares the working tree with a git reference.

    Args:
        directory: the project's.
        stack: which one.
        reference: the older version.
        policies: whether both versions are held against the policies and the SDKs.

    Raises:
        WarrenError: there is no such reference, or one of the two can't be planned.
    """
    salt = secrets.token_hex(16)
    with checkout(directory, reference) as other, ThreadPoolExecutor() as side_by_side:
        head = side_by_side.submit(
            described, directory, stack, "the working tree", salt, judged=policies
        )
        base: dict[str, Any] = {"facts": {}, "resources": [], "regions": {}, "links": []}
        base["violations"] = []
        if (other / f"Pulumi.{stack}.yaml").exists():
            base = described(other, stack, reference, salt, judged=policies)
        return compare(stack, reference, base, head.result())
