"""How long a run took, and what took it: for the last line of `warren up`."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STARTED = "WARREN_STARTED"
"""Environment variable: when the command that runs `warren` began (seconds since 1970), so that what came
before, a virtual environment above all, is counted too."""

SHOWN_FROM = 0.5
"""Seconds from which a part of a run is worth a word."""


class Stopwatch:
    """Times the parts of one run.

    Attributes:
        parts: seconds by part, in the order in which they began.
    """

    parts: dict[str, float]

    def __init__(self, environment: Mapping[str, str], prefix: Path) -> None:
        """Starts now, or when `environment` says that the run began.

        Args:
            environment: of the process.
            prefix: of the virtual environment, where its installer left a note (`.made`).
        """
        now = time.time()
        self._began = _number(environment.get(STARTED), now)
        self.parts = {}
        made = _made(prefix)
        if made and float(made.get("at", 0)) >= self._began < now:
            self.parts["virtual environment"] = float(made.get("seconds", 0))

    @contextmanager
    def part(self, name: str) -> Generator[None]:
        """Counts what runs inside as a part; one of the same name is added to."""
        start = time.monotonic()
        try:
            yield
        finally:
            spent = time.monotonic() - start
            self.parts[name] = self.parts.get(name, 0.0) + spent

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return time.time() - self._began

    def text(self) -> str:
        """`ready in 71 s: lab 22 s, resources 35 s`; parts that took no time are left out."""
        whole = self.seconds
        parts = {**self.parts, "start": max(0.0, whole - sum(self.parts.values()))}
        told = [f"{name} {_shown(spent)}" for name, spent in parts.items() if spent >= SHOWN_FROM]
        return f"ready in {_shown(whole)}" + (f": {', '.join(told)}" if told else "")

    def to_json(self) -> dict[str, Any]:
        """For machines: seconds, whole and by part."""
        return {
            "seconds": round(self.seconds, 1),
            "parts": {name: round(spent, 1) for name, spent in self.parts.items()},
        }


def _shown(seconds: float) -> str:
    if seconds >= 60:
        return f"{int(seconds) // 60} min {int(seconds) % 60} s"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def _number(text: str | None, default: float) -> float:
    try:
        return min(float(text or default), default)
    except ValueError:
        return default


def _made(prefix: Path) -> dict[str, Any]:
    try:
        found = json.loads((prefix / ".made").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
