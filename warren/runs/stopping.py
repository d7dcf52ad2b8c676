"""Ctrl-C during a run: what waits stops waiting, what was done is remembered, nothing new begins."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Generator
from types import FrameType

from warren.errors import WarrenError
from warren.runs.progress import Progress

INTERRUPTED = 130
"""Exit code after SIGINT, as a shell has it."""


class Stop:
    """Set once; every wait of a run ends by it. Safe for several threads.

    Args:
        command: what goes on from there when it is run again.
    """

    def __init__(self, command: str = "up") -> None:
        self._command = command
        self._event = threading.Event()

    def set(self) -> None:
        """Asks the run to end."""
        self._event.set()

    def check(self) -> None:
        """Goes on only if nobody asked to end.

        Raises:
            WarrenError: somebody did.
        """
        if self._event.is_set():
            raise WarrenError(
                "Interrupted.",
                f"What was done is remembered: run {self._command} again and it goes on from there.",
                exit_code=INTERRUPTED,
            )

    def sleep(self, seconds: float) -> None:
        """Waits, but not a moment longer than the run goes on.

        Raises:
            WarrenError: the run was asked to end.
        """
        self._event.wait(seconds)
        self.check()


@contextlib.contextmanager
def on_signals(stop: Stop, progress: Progress) -> Generator[None]:
    """The first SIGINT or SIGTERM asks the run to end; a second one ends the process at once.

    Ending at once is safe too, since the state is written before and after each object, but what is
    under way is then finished by the next run only. Handlers can be set in the main thread only:
    elsewhere this does nothing, and the caller's own handling of signals stays.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    asked = 0.0

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        del frame
        now = time.monotonic()
        if not asked:
            asked = now
            stop.set()
            progress(f"{signal.Signals(number).name}: ending in good order; once more ends at once")
        elif now - asked > 0.3:  # a terminal's Ctrl-C may arrive twice: once through a wrapper
            progress("ended at once; the next run finishes what was under way")
            os._exit(INTERRUPTED)

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
