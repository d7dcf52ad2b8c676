"""What a comparison says of policies: what a change brings in, apart from what was there before."""

from __future__ import annotations

from collections.abc import Sequence

from warren.comparison.compare import Judgement
from warren.plan.policies import Violation, told

MOST = 20
"""Lines shown of one kind in a comment."""


def text(judgement: Judgement | None) -> list[str]:
    """For a terminal; nothing where nobody asked."""
    if judgement is None:
        return []
    lines = ["", f"Policies: {_counts(judgement)}"]
    for title, found in _sections(judgement):
        lines += [f"{title}:", *(f"   {line}" for line in told(found))] if found else []
    return lines


def markdown(judgement: Judgement | None) -> list[str]:
    """For a comment: what is new is seen at once, what was there before is folded away."""
    if judgement is None:
        return []
    if not (judgement.new or judgement.old or judgement.mended):
        return ["Policies: nothing is violated.", ""]
    new = told(judgement.new)
    lines: list[str] = []
    if new:
        kind = "CAUTION" if any(x.level == "mandatory" for x in judgement.new) else "WARNING"
        lines += [f"> [!{kind}]", "> **This breaks policies.**", ">", *_listed(new, "> ")]
    else:
        lines.append("Policies: this breaks none that was kept before.")
    lines.append("")
    rest = [item for item in _sections(judgement)[1:] if item[1]]
    for title, found in rest:
        summary = f"Policies, {title}: {len(found)}"
        lines += [f"<details><summary>{summary}</summary>", "", *_listed(told(found)), ""]
        lines += ["</details>", ""]
    return lines


def _listed(lines: Sequence[str], before: str = "") -> list[str]:
    # What a setting says may not become a tag or a mention of the comment's own.
    shown = [f"{before}- {line.replace('<', '&lt;')}" for line in lines[:MOST]]
    more = len(lines) - len(shown)
    return [*shown, f"{before}- ... and {more} more"] if more > 0 else shown


def _sections(judgement: Judgement) -> list[tuple[str, Sequence[Violation]]]:
    return [
        ("new by this change", judgement.new),
        ("as before", judgement.old),
        ("mended by this change", judgement.mended),
    ]


def _counts(judgement: Judgement) -> str:
    counted = [f"{len(found)} {title}" for title, found in _sections(judgement) if found]
    return ", ".join(counted) or "nothing is violated"
