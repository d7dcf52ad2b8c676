"""What an engine did, for people."""

from __future__ import annotations

from warren.engines.base import Result


def summary(result: Result, *, lab_changed: bool) -> str:
    """What `up` did, in a line."""
    if not result.changes:
        text = f"No changes: {result.counts.get('same', 0)} resources are as they should be."
        return text if not lab_changed else f"The lab was started. {text}"
    counts = ", ".join(f"{count} {name}" for name, count in result.counts.items())
    return f"Done: {counts}."


def next_steps(stack: str, *, has_lab: bool) -> str:
    """What to try once a stack is up."""
    lines = [
        "",
        f"To connect: warren outputs --show-secrets --json --stack {stack}   "
        f"(users' passwords, the CA; vhosts are in Pulumi.{stack}.yaml)",
        f"To look:    warren status --stack {stack}",
        "To try:     publish to an exchange that a link carries, and read it in the other region"
        + ("; cut the WAN by 'python -m lab cut east'" if has_lab else ""),
    ]
    return "\n".join(lines)
