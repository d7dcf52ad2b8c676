"""The `pulumi` process that the Automation API drives: its environment, and Ctrl-C while it runs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping
from types import FrameType
from typing import IO, Any

from pulumi.automation import CommandResult, PulumiCommand
from pulumi.automation.errors import create_command_error

from warren.engines.pulumi.state import PASSPHRASE, PASSPHRASE_FILE
from warren.errors import WarrenError
from warren.runs.progress import Progress
from warren.runs.stopping import INTERRUPTED

_BOUNCE_SECONDS = 0.3
"""A terminal's Ctrl-C may arrive twice within this time: once through a wrapper."""


class Pulumi(PulumiCommand):
    """Runs `pulumi` in a session of its own, so that a Ctrl-C reaches it once, and through us.

    Left to itself, a terminal interrupts both processes: the Automation API would stop listening
    while pulumi still cancels, and nobody would hear how that ended. Here the first SIGINT or SIGTERM
    is handed on, and pulumi finishes what is under way and writes its state; the second makes it end
    at once; the third kills it.

    Args:
        progress: told of what an interruption does.
    """

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Callable[[str], Any] | None = None,
        on_error: Callable[[str], Any] | None = None,
    ) -> CommandResult:
        """Runs one command to its end.

        Raises:
            WarrenError: it was interrupted.
            CommandError: it failed.
        """
        process = subprocess.Popen(
            [self.command, "--non-interactive", *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=_environment(additional_env),
            encoding="utf-8",
            start_new_session=True,
        )
        output, errors = _Reader(process.stdout, on_output), _Reader(process.stderr, on_error)
        with _handed_on(process, self._progress) as interrupted:
            for reader in (output, errors):
                reader.join()
            code = process.wait()
        if interrupted:
            raise WarrenError(
                "Interrupted; pulumi has cancelled the update and kept its state.",
                "Run the same command again to go on.",
                exit_code=INTERRUPTED,
            )
        result = CommandResult(stdout=output.text, stderr=errors.text, code=code)
        if code != 0:
            raise create_command_error(result)
        return result


def _environment(additional: Mapping[str, str]) -> dict[str, str]:
    env = {
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        **os.environ,
        **additional,
        "PULUMI_AUTOMATION_API": "true",
    }
    if PASSPHRASE_FILE in additional:
        env.pop(PASSPHRASE, None)  # pulumi would prefer it, and it is another stack's
    return env


class _Reader(threading.Thread):
    def __init__(self, stream: IO[str] | None, told: Callable[[str], Any] | None) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self._told = told
        self._lines: list[str] = []
        self.start()

    def run(self) -> None:
        for line in self._stream or ():
            stripped = line.rstrip()
            self._lines.append(stripped)
            if self._told is not None:
                self._told(stripped)

    @property
    def text(self) -> str:
        return "\n".join(self._lines)


@contextlib.contextmanager
def _handed_on(process: subprocess.Popen[str], progress: Progress) -> Generator[list[float]]:
    """Hands SIGINT and SIGTERM on to the process; yields the times at which they came."""
    times: list[float] = []
    if threading.current_thread() is not threading.main_thread():
        yield times
        return

    def handle(number: int, frame: FrameType | None) -> None:
        del frame
        now = time.monotonic()
        if times and now - times[-1] < _BOUNCE_SECONDS:
            return
        times.append(now)
        if process.poll() is not None:
            return
        if len(times) > 2:
            progress("pulumi is killed; the next run finds what was under way as pending")
            os.killpg(process.pid, signal.SIGKILL)
            return
        progress(
            f"{signal.Signals(number).name}: pulumi cancels what is under way; once more ends at once"
            if len(times) == 1
            else "pulumi ends at once"
        )
        process.send_signal(signal.SIGINT)

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield times
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if process.poll() is None and sys.exc_info()[0] is not None:
            os.killpg(process.pid, signal.SIGKILL)
