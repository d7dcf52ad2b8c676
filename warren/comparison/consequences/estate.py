"""Consequences of what changes for the estate as a whole: its names, its primary, its links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from warren.comparison.consequences.model import Consequence

Spec = Mapping[str, Any]


def of_estate(before: Spec, after: Spec) -> Iterator[Consequence]:
    """What a reviewer must know of facts, roles and links.

    Args:
        before: `facts`, `regions` and `links` of the older version's description.
        after: those of the newer one.
    """
    if not before["facts"]:
        return  # a new stack
    yield from _promotion(before["facts"], after["facts"])
    yield from _names(before["facts"], after["facts"])
    yield from _standbys(before["regions"], after["regions"])
    yield from _links(before["links"], after)


def _promotion(before: Spec, after: Spec) -> Iterator[Consequence]:
    old, new = str(before.get("primary")), str(after.get("primary"))
    was, now = (int(side.get("epoch") or 0) for side in (before, after))
    if now < was:
        yield Consequence(
            f"The epoch goes back, {was} -> {now}: regions that remember the higher one take no "
            "application writes. It is only ever raised.",
            loses=True,
        )
    elif old != new and now == was:
        yield Consequence(
            f"The primary becomes {new}, and the epoch stays {now}: regions can't tell which of the two "
            f"is the real one, and both may take writes. Set dr.epoch to {now + 1}.",
            loses=True,
        )
    elif old != new:
        yield Consequence(
            f"Applications write to {new} from this on, no longer to {old}: what the links have not "
            "carried yet is not there. Look at their lag before (warren status)."
        )
    elif now > was:
        yield Consequence(f"The epoch rises, {was} -> {now}, and {new} stays primary.")


def _names(before: Spec, after: Spec) -> Iterator[Consequence]:
    old, new = before.get("domain"), after.get("domain")
    if old != new:
        yield Consequence(
            f"Every name changes, from {old} to {new}: servers' certificates are made anew, and clients "
            "that connect by the old names are cut off or refuse the new certificate.",
            loses=True,
        )


def _standbys(before: Spec, after: Spec) -> Iterator[Consequence]:
    gone = _standing_by(before) - _standing_by(after)
    lost = sorted(name for name in gone if (after.get(name) or {}).get("role") != "primary")
    if not lost:
        return
    left = sorted(_standing_by(after))
    text = f"No standby any more: {', '.join(lost)}. "
    if left:
        yield Consequence(f"{text}Left to be promoted: {', '.join(left)}.")
    else:
        yield Consequence(
            f"{text}Nobody is left that may be promoted when the primary is lost.", loses=True
        )


def _standing_by(regions: Spec) -> set[str]:
    return {name for name, spec in regions.items() if spec.get("role") == "standby"}


def _links(before: Sequence[Spec], after: Spec) -> Iterator[Consequence]:
    kept = {link["name"] for link in after["links"]}
    for link in before:
        target = after["regions"].get(link["to"])
        if link["name"] in kept or target is None or link["from"] not in after["regions"]:
            continue  # of a region that goes, more is told
        text = (
            f"Link {link['from']} -> {link['to']} (vhost {link['vhost']}) goes: {link['to']} gets no more "
            f"of what is published in {link['from']}; what it has not fetched stays there."
        )
        if target.get("role") == "standby":
            text += f" {link['to']} is a standby: promoted, it lacks what was published since."
        yield Consequence(text, loses=True)
