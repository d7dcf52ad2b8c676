"""One run at a time on a stack."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import time
from collections.abc import Generator
from pathlib import Path

from warren.errors import WarrenError


@contextlib.contextmanager
def locked(directory: Path, what: str) -> Generator[None]:
    """Holds the stack's lock. The kernel lets go of it when a process dies, however it dies.

    Raises:
        WarrenError: another run holds it; the text says which, where and since when.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (directory / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WarrenError(
                f"Another run works on this stack: {_holder(directory / 'lock')}.",
                "Wait until it ends, or end it, and run this again.",
            ) from None
        file.truncate(0)
        holder = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "command": what,
            "since": time.strftime("%Y-%m-%d %H:%M:%S %z"),
        }
        file.write(json.dumps(holder))
        file.flush()
        yield


def _holder(file: Path) -> str:
    try:
        holder = json.loads(file.read_text())
    except (OSError, ValueError):
        return "which one is unknown"
    return (
        f"'{holder['command']}', process {holder['pid']} on {holder['host']}, "
        f"since {holder['since']}"
    )
