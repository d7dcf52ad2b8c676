"""The lab's errors, and waiting that ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path


class LabError(Exception):
    """Something is wrong, and `remedy` says what to do about it."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.message = message
        self.remedy = remedy


def last_line(log: Path) -> str:
    """The last line of a log that says something; for error texts."""
    try:
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    except OSError:
        return "(no log)"
    return lines[-1][-400:] if lines else "(the log is empty)"


def wait_for(
    what: str,
    condition: Callable[[], bool],
    seconds: float,
    *,
    log: Path | None = None,
    alive: Callable[[], bool] | None = None,
    every: float = 0.2,
) -> None:
    """Waits until `condition` holds.

    Args:
        what: named in the error, so that a wait which ran out says what for.
        condition: asked again and again.
        seconds: limit.
        log: of the process that is waited for; its last line goes into the error.
        alive: whether that process still runs; when it does not, there is nothing to wait for.
        every: pause between two questions.

    Raises:
        LabError: the time ran out, or the process died.
    """
    end = time.monotonic() + seconds
    while True:
        dead = alive is not None and not alive()
        if condition():
            return
        if dead or time.monotonic() > end:
            why = "its process ended" if dead else f"not within {seconds:.0f} s"
            tail = f" Last line of {log.name}: {last_line(log)}" if log else ""
            raise LabError(
                f"{what}: {why}.{tail}",
                "Run 'python -m lab down' and then 'up' again; if it happens again, read the log"
                + (f" {log}." if log else "."),
            )
        time.sleep(every)
