"""What `warren up` says once the engine is done, and the exit code that scripts go by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from warren.cli.app import app
from warren.engines.base import Result
from warren.estate.links import LinkStatus
from warren.estate.status import EstateStatus, RegionStatus

ROOT = Path(__file__).parents[3]


class Engine:
    name = "embedded"

    def up(self, say: Any) -> Result:
        return Result({"same": 3}, (), {})


def estate(*problems: str) -> EstateStatus:
    region = RegionStatus(True, "primary", 3, 3, "4.3.6", "amqps://h:5671", "h", "https://h", [])
    link = LinkStatus("east.west:shop", "federation", "east", "west", "running", 0, list(problems))
    return EstateStatus("dev", "east", 1, {"east": region}, [link])


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Any:
    def up(status: EstateStatus, *arguments: str) -> Any:
        monkeypatch.setattr("warren.engines.select.engine_for", lambda *_: Engine())
        monkeypatch.setattr("warren.runs.labs.ensure", lambda *_: False)
        monkeypatch.setattr("warren.estate.waiting.settled", lambda *_, **__: ([], status))
        return CliRunner().invoke(app, ["up", "--cwd", str(ROOT), *arguments])

    return up


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
def test_an_estate_that_does_not_get_healthy_is_a_failure_in_both_forms(
    ended: Any, form: tuple[str, ...]
) -> None:
    assert ended(estate(), *form).exit_code == 0
    assert ended(estate("exchange orders: it is error"), *form).exit_code == 1


def test_json_is_whole_also_when_the_estate_is_not(ended: Any) -> None:
    found = json.loads(ended(estate("exchange orders: it is error"), "--json").stdout)
    assert found["status"]["verdict"] == "degraded"
    assert found["counts"] == {"same": 3}


def test_the_summary_ends_with_what_to_try_next(ended: Any) -> None:
    printed = ended(estate()).stdout
    assert "No changes: 3 resources" in printed
    assert "dev: HEALTHY" in printed
    assert "python -m lab cut east" in printed, "dev has a lab"
    assert "python -m lab" not in ended(estate(), "--stack", "prod").stdout
