"""What an engine did, for people."""

from __future__ import annotations

from collections.abc import Sequence

from warren.engines.base import Result


def summary(result: Result, *, lab_changed: bool, put_right: Sequence[str] = ()) -> str:
    """What `up` did, in a line, and a line for every object that it put right in brokers."""
    if result.changes:
        counts = ", ".join(f"{count} {name}" for name, count in result.counts.items())
        text = f"Done: {counts}."
    elif put_right:
        text = f"No changes to {result.counts.get('same', 0)} resources."
    else:
        text = f"No changes: {result.counts.get('same', 0)} resources are as they should be."
    if not result.changes and lab_changed:
        text = f"The lab was started. {text}"
    if put_right:
        text += "\nPut right in the brokers:\n" + "\n".join(f"  {line}" for line in put_right)
    return text


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
