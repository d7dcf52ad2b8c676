"""Reading a project's files: what is wrong in them is told, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from warren.errors import WarrenError
from warren.plan.offline import plan
from warren.plan.state import State
from warren.runs.project import read


def write(directory: Path, stack: str) -> Path:
    (directory / "Pulumi.yaml").write_text("name: warren\nruntime: python\n")
    (directory / "Pulumi.dev.yaml").write_text(stack)
    return directory


def test_a_key_that_stands_there_twice_is_no_region_lost_in_silence(tmp_path: Path) -> None:
    text = (
        "config:\n  warren:regions:\n"
        "    east: { cloud: existing, context: a }\n"
        "    east: { cloud: existing, context: b }\n"
    )
    with pytest.raises(WarrenError, match=r"line 4: the key 'east' stands there twice") as caught:
        read(write(tmp_path, text), "dev")
    assert caught.value.exit_code == 2


def test_merged_keys_may_be_overridden(tmp_path: Path) -> None:
    text = "config:\n  warren:base: &base { a: 1, b: 2 }\n  warren:more: { <<: *base, b: 3 }\n"
    assert read(write(tmp_path, text), "dev").section("more") == {"a": 1, "b": 3}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("config: [", "is no YAML"),
        ("- a\n", "holds no mapping"),
    ],
)
def test_a_file_that_can_not_be_used_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(WarrenError, match=r"Pulumi\.dev\.yaml.*" + said):
        read(write(tmp_path, text), "dev")


def test_an_unknown_stack_names_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(WarrenError, match="there are: dev"):
        read(write(tmp_path, "config: {}\n"), "prod")


def test_what_only_pulumi_can_read_is_refused_where_the_program_needs_it(tmp_path: Path) -> None:
    project = read(write(tmp_path, "config:\n  warren:x: { secure: abc }\n"), "dev")
    with pytest.raises(WarrenError, match=r"warren:x is encrypted.*--engine pulumi") as caught:
        plan(project, State(tmp_path))
    assert caught.value.exit_code == 2
    assert "warren:x" not in project.config


def test_a_providers_encrypted_value_is_no_hindrance(tmp_path: Path) -> None:
    project = read(write(tmp_path, "config:\n  gcp:credentials: { secure: abc }\n"), "dev")
    (tmp_path / "__main__.py").write_text("")
    assert plan(project, State(tmp_path)).steps == []
