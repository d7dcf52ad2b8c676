"""A stack stays with the engine that made it. No `pulumi` is needed to tell."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.pulumi.conftest import MakeProject
from warren.engines.pulumi import state as pulumi_state
from warren.engines.select import engine_for
from warren.errors import WarrenError
from warren.plan.state import Entry, State
from warren.runs.project import Project

PROGRAM = "print('not run')"


def put_on_path(monkeypatch: pytest.MonkeyPatch, *, there: bool) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: "/somewhere/pulumi" if there else None)


def embedded_made_it(project: Project) -> None:
    """As a first run leaves it that was killed: with a resource, and without outputs."""
    entry = Entry("urn", "random:index/randomPassword:RandomPassword", "x", "", True, "", {}, {})
    State(project.directory / ".warren" / project.stack).put(entry)


def pulumi_made_it(project: Project, resources: list[dict[str, Any]]) -> None:
    stacks = project.directory / ".warren" / "pulumi" / ".pulumi" / "stacks" / project.name
    stacks.mkdir(parents=True)
    content = {"version": 3, "checkpoint": {"latest": {"resources": resources}}}
    (stacks / f"{project.stack}.json").write_text(json.dumps(content))


def test_a_new_stack_goes_to_pulumi_where_it_is_on_path(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(PROGRAM)
    put_on_path(monkeypatch, there=False)
    assert engine_for(project, "auto").name == "embedded"
    with pytest.raises(WarrenError, match="not on PATH"):
        engine_for(project, "pulumi")
    put_on_path(monkeypatch, there=True)
    assert engine_for(project, "auto").name == "pulumi"
    assert engine_for(project, "embedded").name == "embedded"
    with pytest.raises(WarrenError, match="no engine 'terraform'"):
        engine_for(project, "terraform")


def test_what_the_embedded_engine_began_stays_there_when_pulumi_appears(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(PROGRAM)
    embedded_made_it(project)
    put_on_path(monkeypatch, there=True)
    assert engine_for(project, "auto").name == "embedded"
    with pytest.raises(WarrenError, match=r"by the embedded engine.*--engine embedded"):
        engine_for(project, "pulumi")


def test_what_pulumi_made_is_refused_to_the_embedded_engine(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(PROGRAM)
    pulumi_made_it(project, [{"urn": "urn"}])
    put_on_path(monkeypatch, there=True)
    assert engine_for(project, "auto").name == "pulumi"
    with pytest.raises(WarrenError, match="brought up by pulumi"):
        engine_for(project, "embedded")
    put_on_path(monkeypatch, there=False)
    with pytest.raises(WarrenError, match="Put pulumi on PATH"):
        engine_for(project, "auto")


def test_an_empty_stack_of_pulumis_binds_nobody(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(PROGRAM)
    pulumi_made_it(project, [])
    put_on_path(monkeypatch, there=False)
    assert engine_for(project, "auto").name == "embedded"


def test_a_stack_in_another_backend_is_remembered_by_a_mark(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(PROGRAM)
    backend = pulumi_state.Backend({}, private=False, text="s3://states")
    pulumi_state.mark(project, backend)
    put_on_path(monkeypatch, there=False)
    with pytest.raises(WarrenError, match=r"keeps it in s3://states.*delete .*pulumi\.json"):
        engine_for(project, "auto")
    pulumi_state.unmark(project)
    assert engine_for(project, "auto").name == "embedded"


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("PULUMI_BACKEND_URL", "s3://states", "s3://states"),
        ("PULUMI_ACCESS_TOKEN", "pul-1", "Pulumi Cloud"),
        ("NOTHING", "", None),
    ],
)
def test_a_login_is_found_in_the_environment(
    make_project: MakeProject,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    expected: str | None,
) -> None:
    monkeypatch.setenv(variable, value)
    assert pulumi_state.login(make_project(PROGRAM)) == expected


@pytest.mark.parametrize(("current", "expected"), [("s3://states", "s3://states"), ("", None)])
def test_a_login_is_found_in_pulumis_home_unless_it_ended(
    make_project: MakeProject, own_pulumi_home: Path, current: str, expected: str | None
) -> None:
    (own_pulumi_home / "credentials.json").write_text(json.dumps({"current": current}))
    assert pulumi_state.login(make_project(PROGRAM)) == expected


def test_a_stack_that_began_in_the_projects_own_backend_stays_there(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(PROGRAM)
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://states")
    assert not pulumi_state.backend_of(project).private
    pulumi_made_it(project, [{"urn": "urn"}])
    assert pulumi_state.backend_of(project).private


def test_the_settings_copy_keeps_pulumis_salt_and_takes_what_changed(
    make_project: MakeProject,
) -> None:
    copy = pulumi_state.settings_copy(make_project(PROGRAM, length=1))
    copy.write_text(copy.read_text() + "encryptionsalt: v1:salt\n")
    copy = pulumi_state.settings_copy(make_project(PROGRAM, length=2))
    assert yaml.safe_load(copy.read_text()) == {
        "config": {"warren:length": 2},
        "encryptionsalt": "v1:salt",
    }


def test_the_passphrase_is_private_and_made_once(make_project: MakeProject) -> None:
    project = make_project(PROGRAM)
    backend = pulumi_state.backend_of(project)
    file = Path(backend.env[pulumi_state.PASSPHRASE_FILE])
    before = file.read_text()
    assert len(before) > 30
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert pulumi_state.backend_of(project) == backend
    assert file.read_text() == before
