"""Starting and ending the lab's own processes, and no others.

A process is known by its pid and its start time, so that a pid that the kernel gave to somebody else
is never signalled.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


def start_time(pid: int) -> str | None:
    """When the process began, in the kernel's ticks; None if there is no such process, or a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] == "Z" else fields[19]


@dataclass(frozen=True)
class Processes:
    """The processes of one region (or of the lab), with their pid files and logs.

    Attributes:
        pids: directory of the pid files.
        logs: directory of the logs.
        namespace: network namespace that they are started in; None for the host's.
    """

    pids: Path
    logs: Path
    namespace: str | None = None

    def log(self, name: str) -> Path:
        """The log of a process."""
        return self.logs / f"{name}.log"

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> None:
        """Starts a process that outlives this one; does nothing when it runs already.

        One that a killed run has started and not yet written down is found by its command, which
        names the lab's own files, and written down now.
        nsenter, not `ip netns exec`: that one mounts /sys anew and hides the cgroups.
        """
        if self.alive(name):
            return
        self.pids.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(parents=True, exist_ok=True)
        if (found := with_command(command)) is not None:
            self._record(name, found)
            return
        inside = ["nsenter", f"--net=/run/netns/{self.namespace}"] if self.namespace else []
        argv = [*inside, *command]
        log = self.log(name)
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        with log.open("wb") as output:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **(environment or {})},
            )
        self._record(name, process.pid)

    def _record(self, name: str, pid: int) -> None:
        (self.pids / f"{name}.json").write_text(json.dumps({"pid": pid, "start": start_time(pid)}))

    def pid(self, name: str) -> int | None:
        """The process's pid while it lives."""
        try:
            record = json.loads((self.pids / f"{name}.json").read_text())
        except (OSError, ValueError):
            return None
        known = record.get("start")
        return record["pid"] if known and start_time(record["pid"]) == known else None

    def alive(self, name: str) -> bool:
        """Whether the process runs."""
        return self.pid(name) is not None

    def names(self) -> list[str]:
        """All processes that were ever started and not stopped."""
        return sorted(item.stem for item in self.pids.glob("*.json")) if self.pids.exists() else []

    def stop(self, name: str, grace: float) -> None:
        """Asks the process to end, and ends it when `grace` seconds are over."""
        pid = self.pid(name)
        if pid is not None:
            if grace > 0:
                _signal(pid, signal.SIGTERM)
                end = time.monotonic() + grace
                while self.alive(name) and time.monotonic() < end:
                    time.sleep(0.05)
            if self.alive(name):
                _signal(pid, signal.SIGKILL)
            _reap(pid)
        (self.pids / f"{name}.json").unlink(missing_ok=True)


def end(pids: Sequence[int]) -> None:
    """SIGKILL to processes that the caller knows to be the lab's."""
    for pid in pids:
        _signal(pid, signal.SIGKILL)
    limit = time.monotonic() + 5
    while any(start_time(pid) for pid in pids) and time.monotonic() < limit:
        time.sleep(0.05)
        for pid in pids:
            _reap(pid)


def with_argument(argument: str) -> list[int]:
    """Processes that have exactly this argument: containerd's shims carry their socket's path."""
    return [pid for pid, arguments in _commands() if argument.encode() in arguments]


def with_command(command: Sequence[str]) -> int | None:
    """A process that was started with exactly this command."""
    wanted = [item.encode() for item in command]
    return next((pid for pid, arguments in _commands() if arguments == wanted), None)


def _commands() -> Generator[tuple[int, list[bytes]]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                yield int(entry.name), (entry / "cmdline").read_bytes().split(b"\0")[:-1]
            except OSError:
                continue


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _reap(pid: int) -> None:
    """Takes the exit status of a child of this very process, or it stays as a zombie."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
