"""The policy pack, asked as Pulumi's engine asks it, finds what the offline check finds."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy.policy import EnforcementLevel, _PolicyAnalyzerServicer  # pyright: ignore
from pulumi_policy.proxy import UNKNOWN_OBJECT_VALUE

from policies.pack import policies
from policies.rules import RULES, STACK_RULES
from tests.unit.policies.case import Case
from tests.unit.policies.cases import CASES
from tests.unit.policies.cases_kubernetes import SET, workload

URN = "urn:pulumi:anything::warren::x::x"


@pytest.fixture(scope="module")
def analyzer() -> _PolicyAnalyzerServicer:
    return _PolicyAnalyzerServicer("warren", "1.0.0", policies(), EnforcementLevel.MANDATORY, None)


def struct(inputs: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(inputs, struct_pb2.Struct())


def broken(
    analyzer: _PolicyAnalyzerServicer, type_: str, inputs: dict[str, Any], production: bool = True
) -> set[str]:
    """Names of the rules that the engine is told of."""
    pulumi.runtime.set_all_config({"warren:production": json.dumps(production)})
    request = analyzer_pb2.AnalyzeRequest(type=type_, properties=struct(inputs), urn=URN, name="x")
    return {item.policyName for item in analyzer.Analyze(request, None).diagnostics}


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.rule != "secret-marked"],
    ids=lambda case: f"{case.rule}-{case.type}",
)
def test_rules_say_the_same_to_the_engine(analyzer: _PolicyAnalyzerServicer, case: Case) -> None:
    assert case.rule not in broken(analyzer, case.type, case.good, case.production)
    for inputs in case.bad():
        assert case.rule in broken(analyzer, case.type, inputs, case.production)


def test_unknown_values_are_no_violation_and_no_crash(analyzer: _PolicyAnalyzerServicer) -> None:
    inputs = {"metadata": {"labels": UNKNOWN_OBJECT_VALUE}}
    assert broken(analyzer, "kubernetes:core/v1:Namespace", inputs) == set()


def test_the_stack_is_looked_at_whole(analyzer: _PolicyAnalyzerServicer) -> None:
    pulumi.runtime.set_all_config({"warren:production": "true"})
    upstream = {"component": "federation-upstream", "name": "x", "value": {"uri": "amqp://x"}}
    secret = {"stringData": {"definitions.json": json.dumps({"parameters": [upstream]})}}
    resources = [
        analyzer_pb2.AnalyzerResource(type=kind, properties=struct(inputs), urn=URN, name="x")
        for kind, inputs in ((SET, workload()), ("kubernetes:core/v1:Secret", secret))
    ]
    request = analyzer_pb2.AnalyzeStackRequest(resources=resources)
    found = {item.policyName for item in analyzer.AnalyzeStack(request, None).diagnostics}
    assert found == {
        "standby-in-production",
        "disruption-budget",
        "stateful-protected",
        "upstream-safe",
    }


def test_the_pack_holds_every_rule() -> None:
    names = [item.name for item in policies()]
    assert sorted(names) == sorted({rule.name for rule in (*RULES, *STACK_RULES)})
    assert len(names) >= 20
