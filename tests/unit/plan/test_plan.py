"""The offline plan: preview semantics, and no network whatever."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.api_server import ApiServer
from tests.support.projects import Make, up
from warren.plan import offline
from warren.plan.differences import PropertyChange, diff
from warren.plan.model import Plan
from warren.plan.replacement import replacing
from warren.plan.state import State
from warren.runs.project import Project
from warren.values import UNKNOWN, is_unknown, mask, secret


def plan(project: Project) -> Plan:
    return offline.plan(project, State(project.directory / ".warren" / project.stack))


def ops(found: Plan) -> dict[str, str]:
    return {step.name: step.op for step in found.steps}


def test_without_a_state_everything_is_created_and_what_is_not_known_stays_so(make: Make) -> None:
    found = plan(make(maps=1))
    assert set(ops(found).values()) == {"create"}
    assert is_unknown(found.outputs["address"])


def test_no_network_is_touched(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: Any, **_more: Any) -> None:
        raise AssertionError("the plan opened a connection")

    project = make(maps=1)
    (project.directory / "kubeconfig").unlink()
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert plan(project).counts["create"] == 6


FROZEN = """
import atexit, gc, sys
from pathlib import Path
if sys.argv[2] == "short":
    gc.disable()
# Called last of all.
atexit.register(lambda: print(gc.get_freeze_count() > 0))
from warren.plan import offline
from warren.runs.project import read
from warren.plan.state import State
directory = Path(sys.argv[1])
offline.plan(read(directory, "test"), State(directory / "state"))
"""


@pytest.mark.parametrize(("life", "frozen"), [("short", True), ("long", False)])
def test_a_process_without_the_collector_ends_without_a_collection(
    make: Make, life: str, frozen: bool
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FROZEN, str(make().directory), life],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.split() == [str(frozen)]


def test_after_up_there_is_nothing_to_do_and_all_is_known(make: Make) -> None:
    project = make(maps=2, job="one")
    up(project)
    found = plan(project)
    assert found.changes == 0
    assert found.outputs["address"] == "192.0.2.1"


def test_changes_are_told_property_by_property(make: Make, server: ApiServer) -> None:
    up(make(maps=2, job="one"))
    requests = len(server.requests)
    found = plan(make(maps=1, value="b", job="two"))
    assert {name: op for name, op in ops(found).items() if op != "same"} == {
        "map-0": "update",
        "map-1": "delete",
        "job": "replace",
    }
    changed = next(step for step in found.steps if step.name == "map-0")
    assert changed.changes == [PropertyChange("data.value", "change", "a", "b")]
    job = next(step for step in found.steps if step.name == "job")
    assert "metadata.name" in job.reasons
    assert len(server.requests) == requests


def test_the_json_has_no_secret_in_it(make: Make) -> None:
    project = make()
    up(project)
    state = State(project.directory / ".warren/test")
    password = next(e for e in state.entries.values() if e.name == "password")
    text = str(plan(project).to_json())
    assert password.outputs["result"]["value"] not in text
    assert "[secret]" in text


def test_a_changed_secret_is_a_change_and_stays_a_secret() -> None:
    changes = diff({"a": secret("old")}, {"a": secret("new")})
    assert [(item.path, item.old, item.new) for item in changes] == [("a", "[secret]", "[secret]")]
    assert diff({"a": secret("same")}, {"a": secret("same")}) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(JSON, JSON)
def test_a_difference_is_found_exactly_where_there_is_one(a: Any, b: Any) -> None:
    assert diff({"v": a}, {"v": a}) == []
    assert bool(diff({"v": a}, {"v": b})) is (a != b)


@given(JSON)
def test_a_mask_leaves_nothing_of_a_secret(value: Any) -> None:
    assert mask({"a": [secret(value)], "b": UNKNOWN})["a"] == ["[secret]"]


@pytest.mark.parametrize(
    ("type_", "path", "replaced"),
    [
        ("kubernetes:batch/v1:Job", "spec.template.spec.containers[0].image", True),
        ("kubernetes:apps/v1:StatefulSet", "spec.volumeClaimTemplates[0].spec.resources", True),
        ("kubernetes:apps/v1:StatefulSet", "spec.replicas", False),
        ("kubernetes:apps/v1:StatefulSet", "spec.template.spec.containers[0].image", False),
        ("kubernetes:storage.k8s.io/v1:StorageClass", "parameters.type", True),
        ("kubernetes:core/v1:ConfigMap", "data.x", False),
        ("kubernetes:core/v1:ConfigMap", "metadata.name", True),
        ("random:index/randomPassword:RandomPassword", "length", True),
    ],
)
def test_what_cannot_change_in_place_is_replaced(type_: str, path: str, replaced: bool) -> None:
    assert bool(replacing(type_, [PropertyChange(path, "change", 1, 2)])) is replaced


def test_a_plan_gives_the_callers_event_loop_back(make: Make) -> None:
    """Or whoever uses the SDK after it, in the same process, finds none."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    plan(make())
    assert asyncio.get_event_loop() is loop
