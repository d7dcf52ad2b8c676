"""The real Pulumi engine on a real cluster: the one that .lab/kubeconfig leads to."""

from __future__ import annotations

from collections.abc import Generator

import pytest
import yaml

from tests.pulumi.conftest import (
    KUBECONFIG,
    MakeProject,
    dev_settings,
    needs_cluster,
    needs_pulumi,
    quiet,
)
from tests.pulumi.programs import OBJECTS
from warren.engines.base import Options
from warren.engines.pulumi import recovery as pulumi_recovery
from warren.engines.pulumi.engine import PulumiEngine
from warren.errors import WarrenError
from warren.plan import offline
from warren.plan.model import Plan
from warren.plan.state import State
from warren.runs.project import Project

pytestmark = [pytest.mark.engine, needs_pulumi, needs_cluster]


def context() -> str:
    return str(yaml.safe_load(KUBECONFIG.read_text())["contexts"][0]["name"])


@pytest.fixture
def clean() -> Generator[list[Project]]:
    """Takes away what a failed test has left."""
    projects: list[Project] = []
    yield projects
    for project in projects:
        PulumiEngine(project).down(quiet)


def test_objects_are_made_kept_changed_and_destroyed(
    make_project: MakeProject, clean: list[Project]
) -> None:
    settings = {"context": context(), "name": "warren-engine-objects"}
    project = make_project(OBJECTS, text="good morning", **settings)
    clean.append(project)
    assert PulumiEngine(project).up(quiet).counts == {"create": 3}
    assert PulumiEngine(project).up(quiet).counts == {"same": 3}

    changed = make_project(OBJECTS, text="good night", **settings)
    (step,) = [step for step in PulumiEngine(changed).preview(quiet).steps if step.op != "same"]
    assert [(step.op, change.path) for change in step.changes] == [("update", "data.text")]
    assert PulumiEngine(changed).up(quiet).counts == {"same": 2, "update": 1}
    assert PulumiEngine(changed).down(quiet).counts == {"delete": 3}


def test_objects_that_another_estate_made_are_refused(
    make_project: MakeProject, clean: list[Project]
) -> None:
    settings = {"context": context(), "name": "warren-engine-twice", "text": "mine"}
    first = make_project(OBJECTS, **settings)
    clean.append(first)
    PulumiEngine(first).up(quiet)
    second = make_project(OBJECTS, stack="other", **settings)
    clean.append(second)
    with pytest.raises(WarrenError, match="Somebody else made it"):
        PulumiEngine(second).up(quiet)


def test_a_cluster_that_is_gone_can_be_forgotten_and_taken_over_again(
    make_project: MakeProject, clean: list[Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"context": context(), "name": "warren-engine-gone", "text": "still here"}
    project = make_project(OBJECTS, **settings)
    clean.append(project)
    PulumiEngine(project).up(quiet)
    kubeconfig = project.directory / ".lab" / "kubeconfig"
    there = kubeconfig.read_text()
    dead = yaml.safe_load(there)
    for cluster in dead["clusters"]:
        cluster["cluster"]["server"] = "https://127.0.0.1:1"
    kubeconfig.write_text(yaml.safe_dump(dead))
    with pytest.raises(WarrenError, match="--skip-unreachable"):
        PulumiEngine(project).down(quiet)
    forgotten = PulumiEngine(project, Options(skip_unreachable=True)).down(quiet)
    assert forgotten.counts == {"delete": 3}

    kubeconfig.write_text(there)
    monkeypatch.setenv(*next(iter(pulumi_recovery.UPSERT.items())))
    assert PulumiEngine(project).up(quiet).counts == {"create": 3}


def test_the_estate_registers_what_the_offline_plan_says(make_project: MakeProject) -> None:
    project = make_project(**dev_settings())
    plan = offline.plan(project, State(project.directory / ".warren" / "dev"))
    found = PulumiEngine(project).preview(quiet)
    assert _registered(found) == _registered(plan)


def test_an_estate_of_one_broker_is_made_kept_changed_and_destroyed(
    make_project: MakeProject, clean: list[Project]
) -> None:
    settings = dev_settings()
    region = settings["dr"]["primary"]
    settings["namespace"] = "warren-engine-estate"
    settings["regions"] = {region: settings["regions"][region]}
    settings["lab"]["regions"] = [region]
    settings["broker"]["replicas"] = 1
    del settings["links"], settings["dr"]["standby"]
    project = make_project(**settings)
    clean.append(project)
    planned = offline.plan(project, State(project.directory / ".warren" / "dev"))
    made = PulumiEngine(project).up(quiet)
    assert made.counts == {"create": sum(step.custom for step in planned.steps)}
    assert made.outputs["regions"][region]["amqps"].startswith("amqps://")

    again = PulumiEngine(project).preview(quiet)
    assert [step for step in again.steps if step.op != "same"] == []

    settings["topology"]["vhosts"]["shop"]["queues"]["more"] = {"type": "quorum"}
    more = make_project(**settings)
    changes = {
        (step.op, step.type)
        for step in PulumiEngine(more).preview(quiet).steps
        if step.op != "same"
    }
    assert changes == {
        ("update", "kubernetes:core/v1:Secret"),
        ("replace", "kubernetes:batch/v1:Job"),
    }
    assert PulumiEngine(more).up(quiet).changes == 2
    assert PulumiEngine(more).down(quiet).counts == {"delete": sum(made.counts.values())}


def _registered(plan: Plan) -> list[tuple[str, bool, str, str, bool]]:
    return sorted(
        (step.urn, step.custom, step.parent, step.provider, step.protect) for step in plan.steps
    )
