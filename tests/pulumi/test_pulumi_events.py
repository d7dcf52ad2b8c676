"""What pulumi tells of an operation, in warren's words. Events as pulumi sends them; none is run."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.automation import CommandResult, events
from pulumi.automation.errors import create_command_error

from tests.pulumi.conftest import MakeProject
from warren.engines.pulumi.errors import explained
from warren.engines.pulumi.events import Told, step
from warren.errors import WarrenError
from warren.values import MASK, SECRET_SIGNATURE, SIGNATURE

URN = "urn:pulumi:dev::warren::warren:test:Pair$kubernetes:core/v1:Secret::pair"
HIDDEN = {SIGNATURE: SECRET_SIGNATURE, "ciphertext": "[secret]"}


def state(inputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "t", "urn": URN, "custom": True, "parent": "p", "inputs": inputs, **more}


def metadata(op: str, **more: Any) -> dict[str, Any]:
    type_ = more.pop("type", "kubernetes:core/v1:Secret")
    return {"op": op, "urn": URN, "type": type_, "provider": "urn::east::id", **more}


def event(kind: str, op: str, **more: Any) -> events.EngineEvent:
    content = {"metadata": metadata(op, **more), "planning": kind == "resourcePreEvent"}
    return events.EngineEvent.from_json({"sequence": 1, "timestamp": 1, kind: content})


def diagnostic(message: str, severity: str, urn: str = "") -> events.EngineEvent:
    content = {"message": message, "severity": severity, "color": "never", "urn": urn}
    return events.EngineEvent.from_json({"sequence": 1, "timestamp": 1, "diagnosticEvent": content})


def of(raw: dict[str, Any]) -> Any:
    return events.StepEventMetadata.from_json(raw)


def test_a_replacement_is_one_step_and_told_once() -> None:
    lines: list[str] = []
    told = Told(lines.append)
    for op in ("create-replacement", "replace", "delete-replaced"):
        told(event("resOutputsEvent", op, new=state({"a": 1}), old=state({"a": 0})))
    assert told.counts == {"replace": 1}
    assert lines == ["replace kubernetes:core/v1:Secret pair"]


def test_a_replacement_that_deletes_first_keeps_what_is_new() -> None:
    told = Told(lambda _line: None, planning=True)
    told(event("resourcePreEvent", "delete-replaced", old=state({"a": 0})))
    told(event("resourcePreEvent", "replace", new=state({"a": 1}), old=state({"a": 0})))
    (found,) = told.steps
    assert (found.op, found.inputs) == ("replace", {"a": 1})


@pytest.mark.parametrize(
    ("op", "type_", "urn"),
    [
        ("same", "pulumi:pulumi:Stack", "urn:pulumi:dev::warren::pulumi:pulumi:Stack::warren-dev"),
        ("create", "pulumi:providers:tls", "urn:pulumi:dev::w::pulumi:providers:tls::default"),
        ("same", "pulumi:providers:tls", "urn:pulumi:dev::w::pulumi:providers:tls::default_5_6_2"),
        ("refresh", "kubernetes:core/v1:Secret", URN),
    ],
)
def test_what_no_other_engine_registers_is_left_out(op: str, type_: str, urn: str) -> None:
    raw = {"op": op, "urn": urn, "type": type_, "provider": "", "new": state({})}
    assert step(of(raw)) is None


def test_secrets_stay_hidden_and_a_change_in_them_is_told() -> None:
    raw = metadata(
        "update",
        old=state({"data": HIDDEN, "__defaults": []}),
        new=state({"data": HIDDEN, "__defaults": ["x"]}),
        detailedDiff={'data["definitions.json"]': {"diffKind": "update", "inputDiff": False}},
    )
    found = step(of(raw))
    assert found is not None
    assert [(item.path, item.old, item.new) for item in found.changes] == [
        ("data.definitions.json", MASK, MASK)
    ]
    assert found.to_json()["inputs"] == {"data": MASK}


def test_a_change_is_told_once_and_drift_is_called_so() -> None:
    raw = metadata(
        "update",
        old=state({"data": {"a.conf": "1"}, "labels": {}}),
        new=state({"data": {"a.conf": "2"}, "labels": {}}),
        detailedDiff={
            'data["a.conf"]': {"diffKind": "update", "inputDiff": True},
            "labels.team": {"diffKind": "delete", "inputDiff": False},
        },
    )
    found = step(of(raw))
    assert found is not None
    assert [(item.path, item.old, item.new) for item in found.changes] == [
        ("data.a.conf", "1", "2"),
        ("labels.team", "[drifted]", "[drifted]"),
    ]


def test_waits_and_warnings_are_told_and_noise_is_not() -> None:
    lines: list[str] = []
    told = Told(lines.append)
    told(diagnostic("<{%reset%}>Waiting for 3 Pods<{%reset%}>\n", "info", URN))
    told(diagnostic("<{%reset%}>Waiting for 3 Pods<{%reset%}>\n", "info", URN))
    told(diagnostic("resource registration prepared", "debug", URN))
    told(diagnostic("using pulumi-resource-tls from $PATH at /bin", "warning"))
    told(diagnostic("this one matters", "warning"))
    told(diagnostic("no such image", "error", URN))
    assert lines == ["pair: Waiting for 3 Pods", "this one matters"]
    assert told.errors == ["pair: no such image"]


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        (
            "no resource plugin 'pulumi-resource-aws-native' found in the workspace at version v1.2.3 "
            "or on your $PATH",
            "pulumi plugin install resource aws-native 1.2.3",
        ),
        (
            "Could not automatically download and install resource plugin 'pulumi-resource-tls' at "
            "version v5.6.2, install the plugin using `pulumi plugin install`",
            "pulumi plugin install resource tls 5.6.2",
        ),
        ("configured Kubernetes cluster is unreachable: dial tcp", "python -m lab up"),
        ('resource "x" cannot be deleted because it is protected.', "protect: false"),
        ("something new", "mend the cause"),
    ],
)
def test_failures_have_a_remedy(make_project: MakeProject, message: str, remedy: str) -> None:
    told = Told(lambda _line: None)
    with pytest.raises(WarrenError) as caught, explained(make_project("")) as telling:
        telling.by(told)
        told(diagnostic(message, "error"))
        told(diagnostic("update failed", "error"))
        raise create_command_error(CommandResult("", "error: update failed", 1))
    assert remedy in caught.value.remedy
    assert "update failed" not in str(caught.value)


def test_a_command_that_told_no_event_fails_by_its_own_words(make_project: MakeProject) -> None:
    with pytest.raises(WarrenError, match="error: no such thing"), explained(make_project("")):
        raise create_command_error(CommandResult("", "a line\nerror: no such thing", 1))
