"""Updates by the real Pulumi engine that are interrupted, killed, or not alone."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.pulumi.conftest import ROOT, MakeProject, dev_settings, needs_pulumi, quiet
from tests.pulumi.programs import SLEEPS
from warren.engines.pulumi.engine import PulumiEngine
from warren.errors import WarrenError
from warren.runs.project import Project

pytestmark = [pytest.mark.engine, needs_pulumi]


@contextlib.contextmanager
def running_up(project: Project) -> Generator[subprocess.Popen[str]]:
    """`warren up` in the midst of a program that takes its time."""
    (project.directory / "slow").touch()
    command = [sys.executable, "-m", "warren", "up", "--engine", "pulumi", "--no-wait"]
    with (
        (project.directory / "log").open("w") as log,
        subprocess.Popen(
            [*command, "--cwd", str(project.directory)],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        try:
            _until(
                lambda: (project.directory / "begun").exists() or process.poll() is not None,
                "the program to begin",
            )
            assert process.poll() is None, (project.directory / "log").read_text()
            yield process
        finally:
            (project.directory / "slow").unlink(missing_ok=True)
            for pid in _pulumi_of(project.directory):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.kill()


def _valid() -> dict[str, Any]:
    """Settings that the command line lets pass, without a lab to start."""
    return {key: value for key, value in dev_settings().items() if key != "lab"}


def _until(condition: object, what: str, seconds: float = 90) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.1)


def _pulumi_of(directory: Path) -> list[int]:
    """pulumi, its language host and its plugins, as they all work in the project's directory."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and (entry / "cwd").readlink() == directory:
                found.append(int(entry.name))
    return found


def test_an_interrupted_update_ends_in_good_order_and_goes_on(make_project: MakeProject) -> None:
    project = make_project(SLEEPS, **_valid())
    with running_up(project) as process:
        with pytest.raises(WarrenError, match=r"Another update.*pulumi cancel"):
            PulumiEngine(project).up(quiet)
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert time.monotonic() - started < 30
    log = (project.directory / "log").read_text()
    assert "SIGINT: pulumi cancels" in log
    assert "Traceback" not in log
    assert PulumiEngine(project).up(quiet).counts == {"same": 1, "create": 1}


def test_a_killed_update_is_simply_run_again(make_project: MakeProject) -> None:
    project = make_project(SLEEPS, **_valid())
    with running_up(project) as process:
        (pulumi,) = _children(process.pid)
        os.kill(pulumi, signal.SIGKILL)
        process.kill()
        process.wait(10)
    told: list[str] = []
    done = PulumiEngine(project).up(told.append)
    assert any("its lock is taken away" in line for line in told)
    assert done.counts == {"same": 1, "create": 1}


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]
