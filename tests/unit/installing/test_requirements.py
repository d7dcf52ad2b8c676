"""What is installed is what was reviewed: every package, those that others need too, by version and hash."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
WANTED = sorted(ROOT.glob("requirements*.in"))
PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+)", re.M)
LOCKED = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+)((?:[^\n]*\\\n[^\n]*)*)", re.M)


def _name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


def test_every_list_of_wishes_has_its_lock() -> None:
    assert {path.name for path in WANTED} == {
        "requirements.in",
        "requirements-dev.in",
        "requirements-checkov.in",
        "requirements-cloudformation.in",
        "requirements-uv.in",
    }
    assert all(path.with_suffix(".txt").exists() for path in WANTED)


@pytest.mark.parametrize("wanted", WANTED, ids=lambda path: path.stem)
def test_a_lock_holds_what_is_wished_and_a_hash_of_all(wanted: Path) -> None:
    wishes = {_name(name): version for name, version in PINNED.findall(wanted.read_text("utf-8"))}
    assert wishes
    text = wanted.with_suffix(".txt").read_text("utf-8")
    locked = LOCKED.findall(text)
    versions = {_name(name): version for name, version, _ in locked}
    assert {name: versions.get(name) for name in wishes} == wishes, "run: make lock"
    assert [name for name, _, rest in locked if "--hash=sha256:" not in rest] == []
    lines = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(lines) == len(locked), "a line that is no pinned package"


def test_the_tools_lock_has_the_programs_own_versions() -> None:
    """Whoever tests it must test what production installs."""
    program = dict(PINNED.findall((ROOT / "requirements.txt").read_text("utf-8")))
    tools = dict(PINNED.findall((ROOT / "requirements-dev.txt").read_text("utf-8")))
    assert {name: tools.get(name) for name in program} == program
