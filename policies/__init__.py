"""Policies: what no estate may be. Run by Pulumi as a policy pack, and offline by `check`."""

from collections.abc import Sequence
from typing import Any

from policies.model import Resource, Violation
from policies.reading import plain, secret_paths
from policies.rules import RULES, STACK_RULES

__all__ = ["Resource", "Violation", "check", "from_registration"]


def from_registration(
    urn: str, type_: str, name: str, parent: str, inputs: dict[str, Any], protect: bool
) -> Resource:
    """A resource from inputs as Pulumi's protocol carries them, with marks on secrets."""
    return Resource(urn, type_, name, parent, plain(inputs), protect, set(secret_paths(inputs)))


def check(resources: Sequence[Resource], production: bool) -> list[Violation]:
    """Everything that breaks a rule, mandatory ones first; empty where all is well.

    Args:
        resources: all of the stack: some rules need the whole.
        production: whether the stack's settings say that it is (`warren:production`).
    """
    found = [
        Violation(rule.name, rule.level, resource.urn, message, rule.remedy)
        for resource in resources
        for rule in RULES
        if rule.concerns(resource.type)
        for message in rule.find(resource, production)
    ]
    found += [
        Violation(rule.name, rule.level, urn, message, rule.remedy)
        for rule in STACK_RULES
        for urn, message in rule.find(resources, production)
    ]
    return sorted(found, key=lambda item: (item.level != "mandatory", item.urn, item.rule))
