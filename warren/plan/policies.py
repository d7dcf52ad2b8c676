"""What is registered, held against the policies, and against what the providers' SDKs allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import policies
from policies import check, from_registration, secrets
from warren.plan import arguments
from warren.plan.model import Plan, Step
from warren.runs.project import Project

MOST_NAMES = 6
"""Resources named in one line."""


@dataclass(frozen=True)
class Violation:
    """A policy that a resource breaks, or an argument that its SDK does not allow.

    Attributes:
        level: mandatory ones fail the command.
        rule: the policy's name; "argument" for what an SDK does not allow.
        message: what is wrong, without a full stop.
        remedy: what to do, in a sentence; "" where the message says it all.
    """

    level: Literal["mandatory", "advisory"]
    rule: str
    urn: str
    name: str
    message: str
    remedy: str

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


@dataclass(frozen=True)
class Judgement:
    """What was found.

    Attributes:
        violations: mandatory ones first.
        resources: how many were looked at, components not counted.
    """

    violations: Sequence[Violation]
    resources: int

    @property
    def violated(self) -> bool:
        """Whether something mandatory is broken."""
        return any(item.level == "mandatory" for item in self.violations)

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "violated": self.violated,
            "resources": self.resources,
            "violations": [item.to_json() for item in self.violations],
        }

    @property
    def lines(self) -> list[str]:
        """Each violation in words, and how many there are."""
        return [*told(self.violations), f"policies: {summary(self.violations, self.resources)}"]


def judge(plan: Plan, project: Project) -> Judgement:
    """What in a plan breaks a policy, or an SDK's word. What would be deleted is not judged."""
    steps = [step for step in plan.steps if step.op != "delete"]
    found = judged(steps, production=project.production)
    kept = secrets.check(project.secrets_provider, project.stack, production=project.production)
    return Judgement([*map(_of_policy, kept), *found.violations], found.resources)


def judged(steps: Sequence[Step], *, production: bool) -> Judgement:
    """What in registered resources breaks a policy, or an SDK's word."""
    resources = [
        from_registration(step.urn, step.type, step.name, step.parent, step.inputs, step.protect)
        for step in steps
    ]
    found = [_of_policy(item) for item in check(resources, production)]
    faults = [
        Violation(
            "mandatory",
            "argument",
            fault.urn,
            fault.name,
            f"{fault.type}: {fault.path or 'type'}: {fault.message}".rstrip("."),
            "",
        )
        for fault in arguments.check(steps)
    ]
    return Judgement([*faults, *found], sum(step.custom for step in steps))


def _of_policy(item: policies.Violation) -> Violation:
    return Violation(
        item.level,
        item.rule,
        item.urn,
        item.urn.rpartition("::")[2],
        item.message.rstrip("."),
        item.remedy,
    )


def told(violations: Sequence[Violation]) -> list[str]:
    """In words: what is wrong with several in the same way, or in several ways with one, is told once."""
    whose: dict[tuple[str, str, str, str], list[str]] = {}
    for item in violations:
        whose.setdefault((item.level, item.rule, item.remedy, item.message), []).append(item.name)
    alike: dict[tuple[str, str, str, str], list[str]] = {}
    for (level, rule, remedy, message), names in whose.items():
        alike.setdefault((level, rule, remedy, _names(names)), []).append(message)
    return [
        f"{level} {_rule(rule)}: {names}: {'; '.join(messages)}. {remedy}".rstrip()
        for (level, rule, remedy, names), messages in alike.items()
    ]


def _rule(rule: str) -> str:
    return rule if rule == "argument" else f"policy {rule}"


def _names(names: Sequence[str]) -> str:
    known = list(dict.fromkeys(names))
    more = len(known) - MOST_NAMES
    return ", ".join(known[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def summary(violations: Sequence[Violation], resources: int) -> str:
    """How many there are of each level."""
    if not violations:
        return f"nothing is violated in {resources} resources"
    mandatory = sum(item.level == "mandatory" for item in violations)
    return f"{mandatory} mandatory, {len(violations) - mandatory} advisory in {resources} resources"


def from_json(item: Mapping[str, Any]) -> Violation:
    """A violation as `to_json` has it."""
    return Violation(**item)
