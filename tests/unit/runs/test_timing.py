"""`up` ends with how long it took and what took it, a virtual environment made before it included."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path

from warren.runs.timing import STARTED, Stopwatch


def note(folder: Path, at: float) -> None:
    told = {"installer": "uv", "seconds": 9.0, "at": at}
    (folder / ".made").write_text(json.dumps(told), "utf-8")


def test_what_was_made_by_this_run_is_counted(tmp_path: Path) -> None:
    now = time.time()
    note(tmp_path, now - 5)
    watch = Stopwatch({STARTED: str(now - 70)}, tmp_path)
    watch.parts["lab"] = 22.0
    text = watch.text()
    assert text.startswith("ready in 1 min 10 s: virtual environment 9.0 s, lab 22 s, start 39 s")


def test_what_an_earlier_run_made_is_not(tmp_path: Path) -> None:
    now = time.time()
    note(tmp_path, now - 500)
    assert Stopwatch({STARTED: str(now - 70)}, tmp_path).parts == {}
    assert Stopwatch({}, tmp_path).parts == {}


def test_a_part_is_timed_also_when_it_fails(tmp_path: Path) -> None:
    watch = Stopwatch({}, tmp_path)
    with contextlib.suppress(OSError), watch.part("lab"):
        Path("/nowhere/at/all").read_text("utf-8")
    assert set(watch.parts) == {"lab"}


def test_a_start_that_is_no_time_is_passed_over(tmp_path: Path) -> None:
    for text in ("soon", "", str(time.time() + 999)):
        assert Stopwatch({STARTED: text}, tmp_path).seconds < 5
