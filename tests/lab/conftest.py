"""Real brokers: the checkout's own `dev` stack on its own lab, brought up once for all lab tests.

What was up before the tests stays up after them; what was not is taken away.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.api import Lab
from tests.lab.messaging import Estate

ROOT = Path(__file__).parents[2]


def warren(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Runs the command, as a user would."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "warren", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=2400,
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/lab/" in str(item.path):
            item.add_marker(pytest.mark.lab)
            if os.geteuid() != 0 or sys.platform != "linux":
                item.add_marker(pytest.mark.skip(reason="skipped: the lab needs root on Linux"))


@pytest.fixture(scope="session")
def lab() -> Lab:
    return Lab(ROOT / ".lab")


@pytest.fixture(scope="session")
def estate(lab: Lab) -> Iterator[Estate]:
    was_up = bool(lab.status()["regions"])
    done = warren("up", "--stack", "dev", "--engine", "embedded", "--json")
    assert done.returncode == 0, done.stderr[-3000:]
    outputs: dict[str, Any] = json.loads(
        warren("outputs", "--json", "--show-secrets", "--engine", "embedded").stdout
    )
    lab.delay("east", "west", 60)
    yield Estate(outputs)
    for region in lab.state().cut:
        lab.heal(region)
    if not was_up:
        warren("down", "--stack", "dev", "--engine", "embedded", "--yes", "--lab")


@pytest.fixture
def clean(estate: Estate) -> Estate:
    """The estate with its queues empty on both sides."""
    estate.drain()
    return estate
