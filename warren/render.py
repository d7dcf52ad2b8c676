"""Plans and status for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from warren.engines.base import Plan, Step
from warren.operations.status import EstateStatus

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
    return "\n".join([*lines, f"{plan.stack}: {counts or 'nothing registered'}"])


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


def status_table(status: EstateStatus) -> str:
    """The estate in a few lines: verdict, regions, links, what is wrong."""
    lines = [
        f"{status.stack}: {status.verdict.upper()}   primary {status.primary}, epoch {status.epoch}",
        "",
        f"{'region':<12}{'role':<10}{'nodes':<8}{'version':<10}{'AMQPS':<34}certificate",
    ]
    for name, region in sorted(status.regions.items()):
        nodes = f"{region.nodes_ready}/{region.nodes_wanted}" if region.reachable else "?"
        lines.append(
            f"{name:<12}{region.role:<10}{nodes:<8}{region.version or '?':<10}"
            f"{region.amqps:<34}{region.server_name}"
        )
    if status.links:
        lines += ["", f"{'link':<24}{'kind':<12}{'state':<22}lag (messages)"]
        for link in status.links:
            lag = "?" if link.lag_messages is None else str(link.lag_messages)
            lines.append(f"{link.name:<24}{link.kind:<12}{link.state:<22}{lag}")
    if status.problems:
        lines += ["", "wrong:", *(f"  {text}" for text in status.problems)]
    return "\n".join(lines)
