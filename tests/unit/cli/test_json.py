"""JSON of `up`, `down` and `outputs`: it says which form it has, and all runs have one order in common."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from warren.cli.app import app
from warren.engines.base import Result
from warren.values import secret

ROOT = Path(__file__).parents[3]
ORDERS = (
    Result(
        {"same": 3, "delete": 2},
        ("update b", "create a"),
        {"regions": {"b": 1, "a": 2}, "ca": secret("pem")},
    ),
    Result(
        {"delete": 2, "same": 3},
        ("create a", "update b"),
        {"ca": secret("pem"), "regions": {"a": 2, "b": 1}},
    ),
)
"""One result as two runs may tell it: what is done side by side ends in any order."""


class Engine:
    name = "embedded"

    def __init__(self, result: Result) -> None:
        self.result = result

    def up(self, say: Any) -> Result:
        return self.result

    def down(self, say: Any) -> Result:
        return self.result


def asked(monkeypatch: pytest.MonkeyPatch, result: Result, *arguments: str) -> str:
    monkeypatch.setattr("warren.engines.select.engine_for", lambda *_: Engine(result))
    monkeypatch.setattr("warren.runs.labs.ensure", lambda *_: False)
    put_right = ["west: b", "east: a"] if result is ORDERS[0] else ["east: a", "west: b"]
    monkeypatch.setattr("warren.estate.waiting.settled", lambda *_, **__: (put_right, None))
    monkeypatch.setattr("warren.runs.timing.Stopwatch.to_json", lambda _: {})
    module = importlib.import_module("warren.cli.outputs")
    monkeypatch.setattr(module, "outputs_of", lambda *_: result.outputs)
    done = CliRunner().invoke(app, [*arguments, "--json", "--cwd", str(ROOT)])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize(
    ("schema", "arguments"),
    [
        ("warren.up/1", ("up",)),
        ("warren.down/1", ("down", "--yes")),
        ("warren.outputs/1", ("outputs",)),
        ("warren.outputs/1", ("outputs", "--show-secrets")),
    ],
)
def test_json_says_its_form_and_is_the_same_in_every_run(
    monkeypatch: pytest.MonkeyPatch, schema: str, arguments: tuple[str, ...]
) -> None:
    first, second = (asked(monkeypatch, result, *arguments) for result in ORDERS)
    found = json.loads(first)
    assert found["schema"] == schema
    assert first == second
    assert list(found) == sorted(found)
    assert ("pem" in first) is ("--show-secrets" in arguments)
