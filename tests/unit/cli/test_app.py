"""What the command as a whole does: version, help, suggestions, interruption, faults, terminals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from warren.cli import app as cli
from warren.cli.terminal import dressed
from warren.engines.embedded.engine import EmbeddedEngine
from warren.errors import WarrenError
from warren.plan.model import Plan, Step
from warren.plan.text import plan_tree
from warren.runs.project import read

ROOT = Path(__file__).parents[3]
COMMANDS = ("up", "preview", "plan", "down", "status", "outputs")


def told(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli.app, list(arguments), env={"COLUMNS": "120"})
    return done.exit_code, done.output


def test_the_version_is_said() -> None:
    code, text = told("--version")
    assert (code, text.split()[0]) == (0, "warren")


@pytest.mark.parametrize("command", COMMANDS)
def test_each_help_has_exit_codes_and_an_example(command: str) -> None:
    code, text = told(command, "-h")
    assert code == 0
    assert "Exit codes: 0 " in text
    assert f"Example: warren {command}" in text


def test_what_is_nearly_a_name_is_suggested() -> None:
    assert "plan" in told("plann")[1].partition("Did you mean")[2]
    assert "--policies" in told("plan", "--polices")[1]
    with pytest.raises(WarrenError, match=r"Did you mean 'prod'\?"):
        read(ROOT, "prd")


def test_shells_can_complete() -> None:
    assert "--show-completion" in told("--help")[1]


@pytest.mark.parametrize("wait", [0.05, 0.3, 0.8])
def test_an_interruption_is_one_line_also_while_modules_are_loaded(wait: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "from warren.cli import main\nprint('in', flush=True)\nmain()",
         "plan", "--stack", "prod"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "in\n"
    time.sleep(wait)
    os.kill(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert "warren: interrupted; run the same command again" in errors


def test_a_fault_of_our_own_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise KeyError("x")

    monkeypatch.setattr(cli, "app", broken)
    with pytest.raises(SystemExit) as ended:
        cli.run()
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert "a fault of the program's own, in test_app.py line" in said
    assert "KeyError" not in said
    monkeypatch.setenv("WARREN_TRACEBACK", "1")
    with pytest.raises(KeyError):
        cli.run()


def test_lines_fit_a_terminal_and_marks_have_colour() -> None:
    long = "   " + "word " * 40
    assert all(len(line) <= 80 for line in dressed(long, 80, colour=False).splitlines())
    assert "\x1b[" not in dressed("+ a\n- b", 80, colour=False), "NO_COLOR"
    painted = dressed("+ a\n- b\nplain", 80, colour=True).splitlines()
    assert "\x1b[32m" in painted[0]
    assert "\x1b[31m" in painted[1]
    assert painted[2] == "plain"


@pytest.mark.parametrize(("op", "code"), [("create", 4), ("same", 0)])
def test_a_detailed_exit_code(monkeypatch: pytest.MonkeyPatch, op: str, code: int) -> None:
    step = Step(op, "urn:x", "t:m:T", "x", "", custom=True)  # pyright: ignore[reportArgumentType]
    monkeypatch.setattr("warren.plan.offline.plan", lambda *_: Plan("dev", [step], {}))
    assert told("plan", "--cwd", str(ROOT), "--detailed-exitcode")[0] == code
    assert told("plan", "--cwd", str(ROOT))[0] == 0


def test_preview_refuses_what_up_would_refuse() -> None:
    with pytest.raises(WarrenError, match="can't make: aws:"):
        EmbeddedEngine(read(ROOT, "prod")).preview(lambda _text: None)


def test_a_plan_counts_resources_as_everything_else_does() -> None:
    steps = [
        Step("create", "urn:a", "warren:a:A", "a", "", custom=False),
        Step("create", "urn:b", "t:m:T", "b", "urn:a", custom=True),
    ]
    assert plan_tree(Plan("dev", steps, {})).endswith("dev: 2 create (1 resources, 1 components)")


def test_status_says_what_it_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib

    module = importlib.import_module("warren.cli.status")

    def slow(*_: object) -> object:
        time.sleep(0.5)
        raise WarrenError("asked", "enough")

    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(module, "outputs_of", lambda *_: {})
    monkeypatch.setattr(module, "estate_status", slow)
    said = CliRunner().invoke(cli.app, ["status", "--cwd", str(ROOT)]).stderr
    assert "given up after 15 s" in said
