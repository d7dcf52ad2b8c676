"""The policies over the offline plan of every stack, as `warren plan --policies` holds them.

No policy is switched off for a stack or a resource: there is nothing to explain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

import policies
from policies import Violation
from tests.unit.rendered.manifests import STACKS, settings, steps
from warren.plan.model import Step
from warren.values import reveal


def violations(found: Sequence[Step], stack: str) -> list[Violation]:
    resources = [
        policies.from_registration(x.urn, x.type, x.name, x.parent, x.inputs, x.protect)
        for x in found
    ]
    return policies.check(resources, settings(stack).production)


@pytest.mark.parametrize("stack", STACKS)
def test_no_stack_breaks_a_policy(stack: str) -> None:
    assert len(steps(stack)) > 50
    assert violations(steps(stack), stack) == []


@pytest.mark.parametrize("stack", STACKS)
def test_a_broken_policy_of_any_stack_is_seen(stack: str) -> None:
    """Secrets that are not marked, and brokers that may become root, are seen where they stand."""
    changed: list[Step] = []
    for step in steps(stack):
        inputs = step.inputs
        if step.type == "kubernetes:core/v1:Secret":
            inputs = {**reveal(inputs), "stringData": {"password": "in the clear"}}
        elif step.type == "kubernetes:apps/v1:StatefulSet":
            spec = reveal(inputs)["spec"]
            pod = {**spec["template"]["spec"], "securityContext": {}}
            for part in ("containers", "initContainers"):
                pod[part] = [{**item, "securityContext": {}} for item in pod[part]]
            inputs = {**inputs, "spec": {**spec, "template": {**spec["template"], "spec": pod}}}
        changed.append(replace(step, inputs=inputs))
    told = {(item.rule, item.urn) for item in violations(changed, stack)}
    for step in changed:
        if step.type == "kubernetes:core/v1:Secret":
            assert ("secret-marked", step.urn) in told
        if step.type == "kubernetes:apps/v1:StatefulSet":
            assert any(urn == step.urn for _, urn in told)
