"""The embedded engine's state holds secrets: it is never read from, or written into, a file of others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from warren.errors import WarrenError
from warren.plan.state import Entry, State


def entry() -> Entry:
    return Entry("urn", "random:x", "x", "", custom=True, id="1", inputs={}, outputs={"a": "word"})


def kept(folder: Path) -> State:
    state = State(folder)
    state.put(entry())
    return state


def test_a_file_that_lies_in_wait_gets_no_secret(tmp_path: Path) -> None:
    """Whoever made it with mode 0666, or keeps it open, would read what is written there."""
    waiting = tmp_path / "state.new"
    waiting.touch()
    waiting.chmod(0o666)
    with waiting.open(encoding="utf-8") as open_before:
        state = kept(tmp_path)
        assert open_before.read() == ""
    assert state.file.stat().st_mode & 0o777 == 0o600


def test_a_link_that_lies_in_wait_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine", "utf-8")
    (tmp_path / "state.new").symlink_to(elsewhere)
    kept(tmp_path)
    assert elsewhere.read_text("utf-8") == "mine"


@pytest.mark.parametrize("mode", [0o666, 0o640, 0o604])
def test_a_state_that_others_may_open_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    file = kept(tmp_path).file
    file.chmod(mode)
    with pytest.raises(
        WarrenError, match=rf"others may open it \(mode {mode:o}\)\. Run: chmod 600"
    ):
        State(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="skipped: only root can give a file away")
def test_a_state_of_another_user_is_refused(tmp_path: Path) -> None:
    file = kept(tmp_path).file
    os.chown(file, 65534, 65534)
    with pytest.raises(WarrenError, match=r"belongs to another user \(number 65534\)"):
        State(tmp_path)


def test_a_state_that_is_a_link_is_refused(tmp_path: Path) -> None:
    file = kept(tmp_path).file
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WarrenError, match="is a link"):
        State(tmp_path)


def test_what_was_kept_is_read_again(tmp_path: Path) -> None:
    kept(tmp_path)
    assert State(tmp_path).entries["urn"].outputs == {"a": "word"}
