"""Every rule about one resource is kept by one case and broken by another."""

from __future__ import annotations

import pytest

import policies
from policies import Resource
from policies.reading import UNKNOWN
from policies.rules import RULES
from tests.unit.policies.case import Case
from tests.unit.policies.cases import CASES
from tests.unit.policies.cases_kubernetes import SET, workload

URN = "urn:pulumi:prod::warren::x::x"


def broken(case: Case, inputs: dict[str, object], production: bool | None = None) -> set[str]:
    """Names of the rules that a resource with these inputs breaks."""
    resource = Resource(URN, case.type, "x", inputs=inputs, secret_paths=case.secrets)
    says = case.production if production is None else production
    return {item.rule for item in policies.check([resource], says)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.type}")
def test_kept(case: Case) -> None:
    assert case.rule not in broken(case, case.good)


@pytest.mark.parametrize(
    ("case", "inputs"),
    [(case, inputs) for case in CASES for inputs in case.bad()],
    ids=[f"{case.rule}-{path}" for case in CASES for path, _ in case.breaks],
)
def test_broken(case: Case, inputs: dict[str, object]) -> None:
    assert case.rule in broken(case, inputs)


def test_every_rule_has_a_case() -> None:
    assert {rule.name for rule in RULES} == {case.rule for case in CASES}


@pytest.mark.parametrize(
    "rule",
    ["storage-class-retain", "claims-retained", "cluster-deletion-protection"],
)
def test_rules_of_production_are_silent_elsewhere(rule: str) -> None:
    for case in (item for item in CASES if item.rule == rule):
        for inputs in case.bad():
            assert rule not in broken(case, inputs, False)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.type}")
def test_what_is_not_known_yet_raises_nothing(case: Case) -> None:
    """A preview has unknown values anywhere; no rule may fall over them."""
    for key in case.good:
        broken(case, {**case.good, key: UNKNOWN})


def test_secrets_are_found_in_marked_inputs() -> None:
    marked = {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        "value": {"password": "x"},
    }
    kind = "kubernetes:core/v1:Secret"
    for inputs, expected in (({"stringData": marked}, False), ({"stringData": {"p": "x"}}, True)):
        resource = policies.from_registration(URN, kind, "x", "", inputs, False)
        rules = {item.rule for item in policies.check([resource], False)}
        assert ("secret-marked" in rules) is expected


def test_a_violation_says_what_to_do_and_mandatory_ones_come_first() -> None:
    resources = [
        Resource(URN, "tls:index/locallySignedCert:LocallySignedCert", "x"),
        Resource(f"{URN}2", "kubernetes:core/v1:Namespace", "x"),
    ]
    found = policies.check(resources, False)
    assert [item.level for item in found] == ["mandatory", "advisory"]
    assert all(item.message and item.remedy and item.urn for item in found)


def test_production_is_said_and_not_guessed_from_the_stacks_name() -> None:
    """An image without a patch release, in a stack of any name."""
    urn = "urn:pulumi:{}::warren::x::brokers"
    inputs = workload()
    inputs["spec"]["template"]["spec"]["containers"][0]["image"] = "rabbitmq:4.3-management"
    for name in ("prod", "blue"):
        resource = Resource(urn.format(name), SET, "brokers", inputs=inputs)
        for production in (True, False):
            found = {item.rule for item in policies.check([resource], production)}
            assert ("image-pinned" in found) is production, name
