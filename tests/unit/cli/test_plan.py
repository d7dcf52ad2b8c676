"""`warren plan --against`: policies, what stays the same, exit codes, JSON for machines."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.golden.cases import HERE as GOLDEN
from warren.cli.app import app
from warren.comparison import judgement
from warren.comparison.compare import Judgement
from warren.errors import WarrenError
from warren.plan.policies import Violation

ROOT = Path(__file__).parents[3]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the program and a stack `t` of two regions, committed."""
    for name in ("components", "warren", "policies"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("__main__.py", "Pulumi.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copy(GOLDEN / "stacks" / "shop.yaml", tmp_path / "Pulumi.t.yaml")
    commit(tmp_path, first=True)
    return tmp_path


def commit(directory: Path, *, first: bool = False) -> None:
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@t"]
    for command in ([["init", "-q"]] if first else []) + [["add", "-A"], ["commit", "-qm", "x"]]:
        subprocess.run([*git, *command], cwd=directory, check=True)


def edit(directory: Path, old: str, new: str) -> None:
    file = directory / "Pulumi.t.yaml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def warren(directory: Path, *arguments: str) -> Any:
    return CliRunner().invoke(app, ["plan", "-s", "t", "--cwd", str(directory), *arguments])


def test_what_a_change_violates_is_told_from_what_was_violated_before(repository: Path) -> None:
    edit(repository, "east: {", "east: { broker: { service: { allowed_sources: [0.0.0.0/0] } },")
    commit(repository)
    edit(repository, "west: {", "west: { broker: { service: { allowed_sources: [0.0.0.0/0] } },")
    told = warren(repository, "--against", "HEAD", "--policies")
    assert told.exit_code == 1, "a mandatory policy is broken"
    new, _, old = told.stdout.partition("as before:")
    assert "west-amqps" in new.partition("new by this change:")[2]
    assert "east-amqps" in old.partition("\n\n")[0]
    found = json.loads(warren(repository, "--against", "HEAD", "--policies", "--json").stdout)
    assert found["schema"].startswith("warren.comparison/")
    assert found["judgement"]["violated"] is True
    assert {item["name"] for item in found["judgement"]["new"]} == {"west-amqps"}
    assert {item["name"] for item in found["judgement"]["old"]} == {"east-amqps"}


def test_a_comment_shows_what_is_violated() -> None:
    new, old = (
        Violation("mandatory", "r", name, name, "it is <open>", "Shut it.") for name in ("a", "b")
    )
    told = "\n".join(judgement.markdown(Judgement(new=[new], old=[old], mended=[])))
    assert "> [!CAUTION]\n> **This breaks policies.**" in told
    assert "> - mandatory policy r: a: it is &lt;open>. Shut it." in told
    assert "<summary>Policies, as before: 1</summary>" in told
    assert judgement.markdown(None) == []
    assert judgement.markdown(Judgement([], [], [])) == ["Policies: nothing is violated.", ""]


def test_a_violation_that_goes_is_told_and_is_none(repository: Path) -> None:
    edit(repository, "[10.0.0.0/8]", "[0.0.0.0/0]")
    commit(repository)
    edit(repository, "[0.0.0.0/0]", "[10.0.0.0/8]")
    told = warren(repository, "--against", "HEAD", "--policies")
    assert told.exit_code == 0
    assert "mended by this change" in told.stdout


def test_what_stays_the_same_is_shown_where_it_is_asked_for(repository: Path) -> None:
    edit(repository, "max_length: 1000 ", "max_length: 2000 ")
    told = warren(repository, "--against", "HEAD").stdout
    assert "The same:" not in told
    assert "Policies:" not in told, "nobody asked"
    told = warren(repository, "--against", "HEAD", "--all").stdout
    assert "The same:" in told
    assert "kubernetes:apps/v1:StatefulSet  east" in told


def test_wrong_settings_end_with_2_also_in_a_comparison(repository: Path) -> None:
    edit(repository, "storage: 10Gi", "replicas: 2")
    with pytest.raises(WarrenError, match="replicas") as refused:
        raise warren(repository, "--against", "HEAD").exception
    assert refused.value.exit_code == 2
    assert "Error" not in str(refused.value), "no name of a class"


def test_json_is_the_same_in_every_run_and_has_the_violations(repository: Path) -> None:
    edit(repository, "[10.0.0.0/8]", "[0.0.0.0/0]")
    first, second = (warren(repository, "--policies", "--json") for _ in range(2))
    assert first.exit_code == second.exit_code == 1
    assert first.stdout == second.stdout
    found = json.loads(first.stdout)
    assert found["schema"].startswith("warren.plan/")
    assert found["policies"]["violated"] is True
    names = [item["name"] for item in found["policies"]["violations"]]
    assert sorted(names) == ["east-amqps", "west-amqps"]
    lines = [line for line in first.stderr.splitlines() if "sources-named" in line]
    assert len(lines) == 1, "told once"
    assert "east-amqps, west-amqps: the load balancer lets in 0.0.0.0/0. Set " in lines[0]
