"""The real Pulumi engine on small programs, without a cluster: create, no-op, change, destroy."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.pulumi.conftest import MakeProject, needs_pulumi, quiet
from tests.pulumi.programs import FAILS, FOREIGN, PROTECTED, VALUES
from warren.engines.pulumi import state as pulumi_state
from warren.engines.pulumi.engine import PulumiEngine
from warren.engines.select import engine_for
from warren.errors import WarrenError
from warren.plan import offline
from warren.plan.state import State
from warren.runs.project import Project
from warren.values import MASK, is_secret, mask, reveal

pytestmark = [pytest.mark.engine, needs_pulumi]


def settings_file(project: Project) -> str:
    return (project.directory / f"Pulumi.{project.stack}.yaml").read_text()


def test_a_stack_is_made_kept_changed_and_destroyed(make_project: MakeProject) -> None:
    project = make_project(VALUES, length=20)
    written = settings_file(project)
    told: list[str] = []

    made = PulumiEngine(project).up(told.append)
    assert made.counts == {"create": 2}
    assert sorted(made.changed) == [
        "create random:index/randomPassword:RandomPassword pair",
        "create tls:index/privateKey:PrivateKey pair",
    ]
    assert set(made.changed) <= set(told)

    again = PulumiEngine(project).up(quiet)
    assert (again.counts, again.changes, again.changed) == ({"same": 2}, 0, [])
    assert reveal(again.outputs) == reveal(made.outputs)

    longer = make_project(VALUES, length=24)
    plan = PulumiEngine(longer).preview(quiet)
    assert {step.op for step in plan.steps} == {"same", "replace"}
    (step,) = [step for step in plan.steps if step.op == "replace"]
    assert (step.name, list(step.reasons)) == ("pair", ["length"])
    assert [(change.path, change.old, change.new) for change in step.changes] == [
        ("length", 20, 24)
    ]
    changed = PulumiEngine(longer).up(quiet)
    assert changed.counts == {"same": 1, "replace": 1}
    assert len(reveal(changed.outputs)["users"]["admin"]["password"]) == 24

    gone = PulumiEngine(longer).down(quiet)
    assert gone.counts == {"delete": 2}
    assert PulumiEngine(longer).outputs() is None
    assert PulumiEngine(longer).down(quiet).changes == 0
    # pulumi writes its salt into the settings and formats them anew: into a copy, not into these.
    assert settings_file(project) == written.replace("20", "24")


def test_secrets_are_marked_at_any_depth_and_never_told(make_project: MakeProject) -> None:
    project = make_project(VALUES, length=20)
    told: list[str] = []
    made = PulumiEngine(project).up(told.append)
    password = reveal(made.outputs)["users"]["admin"]["password"]
    for outputs in (made.outputs, PulumiEngine(project).outputs()):
        assert outputs is not None
        assert not is_secret(outputs["public"])
        assert password not in str(mask(outputs))
        assert MASK in str(mask(outputs))
    assert password not in "\n".join(told)
    state = "".join(file.read_text() for file in (project.directory / ".warren").rglob("*.json"))
    assert "randomPassword" in state
    assert password not in state, "the state holds a password in the clear"


def test_a_preview_makes_nothing(make_project: MakeProject) -> None:
    project = make_project(VALUES, length=20)
    plan = PulumiEngine(project).preview(quiet)
    assert plan.counts == {"create": 3, "update": 0, "replace": 0, "delete": 0, "same": 0}
    assert PulumiEngine(project).outputs() is None
    assert not list((project.directory / ".warren").rglob("dev.json"))


def test_a_preview_registers_what_the_offline_plan_does(make_project: MakeProject) -> None:
    project = make_project(VALUES, length=20)
    plan = offline.plan(project, State(project.directory / ".warren" / "dev"))
    found = PulumiEngine(project).preview(quiet)
    assert _registered(found) == _registered(plan)


def _registered(plan: Any) -> list[tuple[str, str, bool, str, bool]]:
    return sorted(
        (step.urn, step.op, step.custom, step.provider, step.protect) for step in plan.steps
    )


def test_a_stack_that_was_never_made_has_no_outputs_and_nothing_to_destroy(
    make_project: MakeProject,
) -> None:
    project = make_project(VALUES, length=20)
    assert PulumiEngine(project).outputs() is None
    assert PulumiEngine(project).down(quiet).counts == {}


def test_what_is_protected_is_refused_before_anything_is_touched(
    make_project: MakeProject,
) -> None:
    project = make_project(PROTECTED, shown="both", protect=True)
    PulumiEngine(project).up(quiet)
    with pytest.raises(WarrenError, match=r"1 protected resource.*protect: false"):
        PulumiEngine(project).down(quiet)
    without = make_project(PROTECTED, shown="none", protect=True)
    with pytest.raises(WarrenError, match=r"kept.*protect: false"):
        PulumiEngine(without).up(quiet)
    project = make_project(PROTECTED, shown="both", protect=True)
    assert PulumiEngine(project).up(quiet).counts == {"same": 2}
    PulumiEngine(make_project(PROTECTED, shown="both", protect=False)).up(quiet)
    assert PulumiEngine(project).down(quiet).counts == {"delete": 2}


def test_a_failing_program_is_told_by_its_own_last_words(make_project: MakeProject) -> None:
    project = make_project(FAILS)
    with pytest.raises(WarrenError) as caught:
        PulumiEngine(project).up(quiet)
    assert "ValueError: the third wheel has come off" in caught.value.message
    assert "\n" not in str(caught.value)


def test_a_missing_plugin_is_named_with_the_command_that_installs_it(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true")
    with pytest.raises(WarrenError) as caught:
        PulumiEngine(make_project(FOREIGN)).up(quiet)
    assert "pulumi plugin install resource nosuch 1.2.3" in caught.value.remedy


def test_a_virtual_environment_that_is_none_is_told(make_project: MakeProject) -> None:
    project = make_project(VALUES, length=20)
    file = project.directory / "Pulumi.yaml"
    file.write_text("name: warren\nruntime:\n  name: python\n  options: { virtualenv: .venv }\n")
    (project.directory / ".venv").write_text("no directory, so that pulumi can't make it\n")
    with pytest.raises(WarrenError, match=r"virtual environment that Pulumi\.yaml names"):
        PulumiEngine(project).up(quiet)


def test_the_embedded_engine_is_refused_what_pulumi_made(make_project: MakeProject) -> None:
    project = make_project(VALUES, length=20)
    PulumiEngine(project).up(quiet)
    assert engine_for(project, "auto").name == "pulumi"
    with pytest.raises(WarrenError, match=r"brought up by pulumi.*--engine pulumi"):
        engine_for(project, "embedded")
    PulumiEngine(project).down(quiet)
    assert engine_for(project, "embedded").name == "embedded"


def test_the_users_login_is_used_and_the_settings_stay_as_they_are(
    make_project: MakeProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "theirs"
    there.mkdir()
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    subprocess.run(["pulumi", "login", f"file://{there}"], check=True, capture_output=True)
    project = make_project(VALUES, length=20)
    written = settings_file(project)
    told: list[str] = []
    PulumiEngine(project).up(told.append)
    assert f"pulumi keeps this stack in file://{there}" in told
    assert (there / ".pulumi" / "stacks" / "warren" / "dev.json").exists()
    assert settings_file(project) == written
    assert pulumi_state.lives_in(project) == f"file://{there}"
    with pytest.raises(WarrenError, match="brought up by pulumi"):
        engine_for(project, "embedded")

    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "wrong")
    with pytest.raises(WarrenError, match="passphrase by which the stack was made"):
        PulumiEngine(project).up(quiet)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    PulumiEngine(project).down(quiet)
    assert pulumi_state.lives_in(project) is None
