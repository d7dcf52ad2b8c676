"""Plans for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from warren.plan.model import Plan, Step

_MARKS = {"create": "+", "update": "~", "replace": "±", "delete": "-", "same": " "}


def plan_tree(plan: Plan, *, unchanged: bool = False) -> str:
    """The plan as a tree: what would be created (+), changed (~), replaced (±) and deleted (-)."""
    children: dict[str, list[Step]] = defaultdict(list)
    known = {step.urn for step in plan.steps}
    for step in plan.steps:
        children[step.parent if step.parent in known else ""].append(step)
    lines: list[str] = []

    def shown(step: Step) -> bool:
        return unchanged or step.op != "same" or any(shown(item) for item in children[step.urn])

    def walk(parent: str, depth: int) -> None:
        for step in sorted(children[parent], key=lambda item: (item.type, item.name)):
            if not shown(step):
                continue
            lines.append(f"{_MARKS[step.op]} {'  ' * depth}{step.name}  {step.type}{_why(step)}")
            if step.op in ("update", "replace"):
                lines.extend(_changes(step, depth))
            walk(step.urn, depth + 1)

    walk("", 0)
    counts = ", ".join(f"{count} {name}" for name, count in plan.counts.items() if count)
    # Components count here as they do for pulumi, and nowhere else.
    custom = sum(step.custom for step in plan.steps)
    of = f" ({custom} resources, {len(plan.steps) - custom} components)" if plan.steps else ""
    return "\n".join([*lines, f"{plan.stack}: {counts or 'nothing registered'}{of}"])


def _why(step: Step) -> str:
    return f"  (because of {', '.join(step.reasons[:3])})" if step.op == "replace" else ""


def _changes(step: Step, depth: int) -> Sequence[str]:
    pad = " " * (2 * depth + 6)
    lines = [
        f"{pad}{change.path}: {_short(change.old)} -> {_short(change.new)}"
        for change in step.changes[:12]
    ]
    more = len(step.changes) - len(lines)
    return [*lines, f"{pad}... and {more} more"] if more > 0 else lines


def _short(value: object) -> str:
    text = "(none)" if value is None else str(value).replace("\n", "\\n")
    return text if len(text) <= 70 else f"{text[:67]}..."
