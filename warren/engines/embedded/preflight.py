"""What is refused before anything is touched: half an estate is worse than none."""

from __future__ import annotations

from collections.abc import Iterable

from warren.engines.embedded import objects
from warren.errors import WarrenError
from warren.plan.model import Plan
from warren.plan.state import Entry


def refuse_unknown_types(plan: Plan) -> None:
    """Refuses resources that only the Pulumi engine can make.

    Raises:
        WarrenError: there are some.
    """
    types = objects.supported([step.type for step in plan.steps if step.custom])
    if types:
        raise WarrenError(
            f"The stack has resources that the embedded engine can't make: {', '.join(types[:5])}"
            f"{' and more' if len(types) > 5 else ''}.",
            "Install the pulumi CLI and run again; 'warren plan' works without it.",
        )


def refuse_protected_deletes(plan: Plan) -> None:
    """Refuses a plan that would delete what is protected.

    Raises:
        WarrenError: it would.
    """
    _refuse(step.urn for step in plan.steps if step.op == "delete" and step.protect)


def refuse_protected(entries: Iterable[Entry]) -> None:
    """Refuses to delete entries of which one is protected.

    Raises:
        WarrenError: one is.
    """
    _refuse(entry.urn for entry in entries if entry.protect)


def _refuse(urns: Iterable[str]) -> None:
    protected = list(urns)
    if protected:
        raise WarrenError(
            f"{len(protected)} protected resource(s) would be deleted, such as {protected[0]}.",
            "Take the protection away first (regions.<region>.protect: false), run up, then again.",
        )
