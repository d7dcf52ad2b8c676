"""A plan held against the policies, and against what the providers' SDKs allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from policies import check, from_registration
from warren.plan import arguments
from warren.plan.model import Plan


@dataclass(frozen=True)
class Judgement:
    """What was found.

    Attributes:
        lines: each violation and fault in words, and how many there are.
        violated: whether something mandatory is broken.
    """

    lines: Sequence[str]
    violated: bool


def judge(plan: Plan, *, production: bool) -> Judgement:
    """What in a plan breaks a policy, or an SDK's word. What would be deleted is not judged."""
    resources = [
        from_registration(step.urn, step.type, step.name, step.parent, step.inputs, step.protect)
        for step in plan.steps
        if step.op != "delete"
    ]
    found = check(resources, production)
    lines = [
        f"{item.level} policy {item.rule}: {item.urn.rpartition('::')[2]}: {item.message} {item.remedy}"
        for item in found
    ]
    faults = arguments.check(plan.steps)
    lines += [f"mandatory argument {fault}" for fault in faults]
    lines.append(
        f"policies: {len(found)} violation(s), arguments: {len(faults)} fault(s) "
        f"in {len(resources)} resources"
    )
    return Judgement(lines, bool(faults) or any(item.level == "mandatory" for item in found))
