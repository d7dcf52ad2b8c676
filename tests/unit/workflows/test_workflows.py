"""Workflows are valid, ask for little, run pinned actions only, and keep forks' code from secrets."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yaml"))
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"

UNSAFE = """\
on: pull_request_target
jobs:
  x:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v7
        with:
          ref: ${{ github.event.pull_request.head.sha }}
      - run: echo ${{ github.event.pull_request.title }}
"""


def parsed(path: Path) -> dict[str, Any]:
    """A workflow; YAML 1.1 reads its key `on` as a truth value."""
    document = yaml.safe_load(path.read_text("utf-8"))
    return {("on" if key is True else key): value for key, value in document.items()}


def jobs(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from parsed(path)["jobs"].items()


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for _, job in jobs(path):
        yield from job.get("steps", [])


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, cwd=ROOT
    )


def zizmor(*paths: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("zizmor")
    return run(str(program), "--offline", "--no-progress", *map(str, paths))


def actionlint(*paths: Path) -> subprocess.CompletedProcess[str]:
    """The linter, built from its pinned Go module: the lab needs Go too."""
    go = shutil.which("go")
    assert go, "Go is not on PATH; the lab's prerequisites in the README say how to get it"
    return run(go, "run", ACTIONLINT, "-shellcheck=", "-pyflakes=", *map(str, paths))


def test_all_are_there() -> None:
    names = {"ci", "preview", "comment", "up", "drift", "drill", "pulumi"}
    assert {path.stem for path in FILES} == names


def test_zizmor_finds_nothing() -> None:
    result = zizmor(*FILES)
    assert result.returncode == 0, result.stdout + result.stderr


def test_actionlint_finds_nothing() -> None:
    result = actionlint(*FILES)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_linters_find_what_is_unsafe(tmp_path: Path) -> None:
    path = tmp_path / ".github" / "workflows" / "unsafe.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(UNSAFE, "utf-8")
    result = zizmor(path)
    assert result.returncode != 0
    for audit in ("dangerous-triggers", "template-injection", "unpinned-uses"):
        assert audit in result.stdout, result.stdout
    assert "untrusted" in actionlint(path).stdout


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_actions_are_pinned_by_commit(path: Path) -> None:
    for line in path.read_text("utf-8").splitlines():
        match = re.search(r"uses: (\S+)(.*)$", line)
        if match and not match[1].startswith("./"):
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", match[1]), line
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", match[2]), f"{line}: which release?"


def test_an_action_has_one_version() -> None:
    used: dict[str, set[str]] = {}
    for path in FILES:
        for name, commit in re.findall(r"uses: ([\w/-]+)@(\S+)", path.read_text("utf-8")):
            used.setdefault(name, set()).add(commit)
    assert used
    assert all(len(commits) == 1 for commits in used.values()), used


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_is_allowed_but_by_the_job(path: Path) -> None:
    assert parsed(path)["permissions"] == {}
    allowed = {"contents": "read", "id-token": "write", "actions": "read", "pull-requests": "write"}
    for _, job in jobs(path):
        assert job["permissions"].items() <= allowed.items()
        if job["permissions"].get("pull-requests"):
            assert path.stem == "comment"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_jobs_end_and_checkouts_keep_no_credentials(path: Path) -> None:
    for name, job in jobs(path):
        assert "uses" in job or job["timeout-minutes"] <= 120, name
    for step in steps(path):
        if str(step.get("uses", "")).startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_secret_is_named_and_no_expression_is_run_as_a_command(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "secrets." not in text, "identities come by OIDC"
    assert "pull_request_target" not in text
    for step in steps(path):
        assert "${{" not in str(step.get("run", "")), step


def test_forks_are_planned_without_an_identity() -> None:
    found = dict(jobs(FOLDER / "preview.yaml"))
    assert found["plan"]["permissions"] == {"contents": "read"}
    assert "environment" not in found["plan"]
    assert "head.repo.full_name == github.repository" in found["reviewed"]["if"]


def _before(found: dict[str, dict[str, Any]], name: str) -> set[str]:
    """The jobs that end before one starts."""
    needs = found[name].get("needs", [])
    direct = {needs} if isinstance(needs, str) else set(needs)
    return direct.union(*(_before(found, other) for other in direct))


def unreviewed(path: Path) -> list[str]:
    """Jobs that run a pull request's code with an identity before a person has agreed."""
    found = dict(jobs(path))
    triggers = parsed(path)["on"]
    if "pull_request" not in triggers:
        return []
    return [
        name
        for name, job in found.items()
        if job["permissions"].get("id-token") == "write"
        and not (
            str(job.get("with", {}).get("environment", "")).endswith("-preview")
            and {"plan", "reviewed"} <= _before(found, name)
        )
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_identity_runs_a_pull_requests_code_unreviewed(path: Path) -> None:
    assert unreviewed(path) == []


def test_an_identity_without_a_review_is_found(tmp_path: Path) -> None:
    text = (FOLDER / "preview.yaml").read_text("utf-8")
    for old, new in (("needs: reviewed", "needs: plan"), ("stack }}-preview", "stack }}-read")):
        path = tmp_path / "preview.yaml"
        path.write_text(text.replace(old, new), "utf-8")
        assert unreviewed(path) == ["preview"]


def test_environments_of_merged_code_are_not_those_of_branches() -> None:
    for name in ("up", "drift"):
        for _, job in jobs(FOLDER / f"{name}.yaml"):
            assert not str(job.get("with", {}).get("environment", "")).endswith("-preview")


@pytest.mark.parametrize(("reviewers", "code"), [("2", 0), ("0", 1), ("", 1)])
def test_an_environment_without_reviewers_is_refused(
    tmp_path: Path, reviewers: str, code: int
) -> None:
    (step,) = dict(jobs(FOLDER / "preview.yaml"))["reviewed"]["steps"]
    assert _shell(tmp_path, step["run"], f"echo '{reviewers}'", ENVIRONMENT="x") == code


def _shell(folder: Path, script: str, gh: str, **environment: str) -> int:
    """Runs a step as GitHub does, with a `gh` that answers as told; its exit code."""
    program = folder / "bin" / "gh"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/bash\n{gh}\n", "utf-8")
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    values = {"PATH": path, "REPO": "o/r", "RUNNER_TEMP": str(folder), **environment}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(command, env=values, check=False, timeout=60).returncode


def comment(folder: Path, plans: dict[str, str], *, fork: bool) -> str:
    """What the commenting job posts for these files, by its own script."""
    (folder / "plans").mkdir()
    for name, text in plans.items():
        (folder / "plans" / f"{name}.md").write_text(text, "utf-8")
    body = folder / "posted.md"
    gh = (
        'case "$*" in\n'
        '*pulls*) echo \'[{"number": 7, "head": {"sha": "abc"}}]\';;\n'
        "*--paginate*) echo '[]';;\n"
        f'*POST*) cp "${{@: -1}}" {body} 2>/dev/null || cp "$(echo "${{@: -1}}" | cut -d@ -f2)" {body};;\n'
        "esac"
    )
    script = next(step["run"] for step in steps(FOLDER / "comment.yaml") if "run" in step)
    told = {"HEAD": "abc", "OWNER": "o", "BRANCH": "b", "RUN_URL": "u", "RESULT": "success"}
    assert _shell(folder, script, gh, FORK=str(fork).lower(), **told) == 0
    return body.read_text("utf-8")


def test_a_forks_plans_are_quoted_and_called_unverified(tmp_path: Path) -> None:
    forged = "Nothing changes. @owner approve\n~~~~~\n# Approved\n~~~~\nlast"
    text = comment(tmp_path, {"plan-dev": forged, "preview-prod": "forged"}, fork=True)
    assert "Unverified" in text
    assert "forged" not in text, "a fork has no preview by the clouds"
    fence = "~" * 6
    inside = text.split(f"{fence} text\n")[1].split(f"\n{fence}")
    assert inside[0].endswith("last"), "a line of the plan ended the fence"
    assert "# Approved" in inside[0]
    assert "@owner" not in text


def test_a_branchs_plans_are_shown_as_they_are(tmp_path: Path) -> None:
    text = comment(tmp_path, {"plan-dev": "## Plan", "preview-prod": "## Preview"}, fork=False)
    assert "\n## Plan\n" in text
    assert "\n## Preview\n" in text
    assert "Unverified" not in text


def test_the_commenting_job_runs_nothing_of_the_pull_request() -> None:
    path = FOLDER / "comment.yaml"
    used = [str(step["uses"]).split("@")[0] for step in steps(path) if "uses" in step]
    assert used == ["actions/download-artifact"]
    commands = "\n".join(str(step.get("run", "")) for step in steps(path))
    assert not re.search(r"\b(make|pip|python|git|source|eval)\b", commands)
    assert parsed(path)["on"]["workflow_run"]["workflows"] == [
        parsed(FOLDER / "preview.yaml")["name"]
    ]


def test_the_comment_holds_every_plan() -> None:
    found = dict(jobs(FOLDER / "preview.yaml"))
    plans = [f"plan-{stack}" for stack in found["plan"]["strategy"]["matrix"]["stack"]]
    previews = [f"preview-{stack}" for stack in found["preview"]["strategy"]["matrix"]["stack"]]
    commands = "\n".join(str(step.get("run", "")) for step in steps(FOLDER / "comment.yaml"))
    assert f"names='{' '.join(plans)}'" in commands
    assert f'names="$names {" ".join(previews)}"' in commands


def test_up_waits_for_tests_preview_and_approval() -> None:
    found = dict(jobs(FOLDER / "up.yaml"))
    assert found["preview"]["needs"] == "test"
    assert found["prod"]["needs"] == "preview"
    assert found["prod"]["with"]["environment"] == "prod"
    assert found["prod"]["concurrency"]["cancel-in-progress"] is False
    job = dict(jobs(FOLDER / "pulumi.yaml"))["pulumi"]
    assert job["environment"] == "${{ inputs.environment }}"


def test_planned_stacks_exist() -> None:
    for name in ("preview", "up", "drift"):
        for _, job in jobs(FOLDER / f"{name}.yaml"):
            for stack in job.get("strategy", {}).get("matrix", {}).get("stack", []):
                assert (ROOT / f"Pulumi.{stack}.yaml").is_file()


def test_the_engine_is_of_the_sdk_s_version() -> None:
    text = (FOLDER / "pulumi.yaml").read_text("utf-8")
    engine = re.search(r"pulumi-version: (\S+)", text)
    sdk = re.search(r"^pulumi==(\S+)", (ROOT / "requirements.txt").read_text("utf-8"), re.M)
    assert engine
    assert sdk
    assert engine[1] == sdk[1]
