"""A git reference is a name of a version, whatever is written in it: never an option of git's."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from warren.comparison.versions import checkout
from warren.errors import WarrenError
from warren.runs.project import read


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit, and a file that holds something."""
    inside = tmp_path / "repository"
    inside.mkdir()
    (inside / "file").write_text("committed")
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@t"]
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "base"]):
        subprocess.run([*git, *command], cwd=inside, check=True)
    (tmp_path / "precious").write_text("precious")
    return inside


def test_an_option_in_the_place_of_a_reference_writes_nothing(repository: Path) -> None:
    precious = repository.parent / "precious"
    with (
        pytest.raises(WarrenError, match="git knows no '--output="),
        checkout(repository, f"--output={precious}"),
    ):
        pass
    assert precious.read_text() == "precious"


@pytest.mark.parametrize(
    "reference", ["--remote=.", "--exec=touch x", "-o", "--", "--all", "-h", "", " ", "main:file"]
)
def test_what_is_no_commit_is_refused(repository: Path, reference: str) -> None:
    with (
        pytest.raises(WarrenError, match=r"git knows no .*Name a branch, tag or commit") as refused,
        checkout(repository, reference),
    ):
        pass
    assert refused.value.exit_code == 2
    assert not str(refused.value).count("\n")
    assert not (repository / "x").exists()


def test_another_repository_is_not_reached(repository: Path) -> None:
    marker = repository.parent / "reached"
    script = repository.parent / "remote"
    script.write_text(f"#!/bin/sh\ntouch {marker}\n")
    script.chmod(0o755)
    with pytest.raises(WarrenError), checkout(repository, f"--remote=ext::{script}"):
        pass
    assert not marker.exists()


def test_branches_tags_and_revisions_are_taken(repository: Path) -> None:
    subprocess.run(["git", "tag", "v1"], cwd=repository, check=True)
    for reference in ("main", "v1", "HEAD", "HEAD^{commit}", "@"):
        with checkout(repository, reference) as files:
            assert (files / "file").read_text() == "committed"


def test_outside_a_repository_says_so(tmp_path: Path) -> None:
    with pytest.raises(WarrenError, match="not a git repository"), checkout(tmp_path, "main"):
        pass


def test_without_git_says_so(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "PATH", str(repository))
    with pytest.raises(WarrenError, match="git is not on PATH"), checkout(repository, "main"):
        pass


def test_a_stack_is_never_an_option_of_pulumi(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: warren\nruntime: python\n")
    (tmp_path / "Pulumi.--cwd=x.yaml").write_text("config: {}\n")
    with pytest.raises(WarrenError, match="begins with a letter"):
        read(tmp_path, "--cwd=x")
