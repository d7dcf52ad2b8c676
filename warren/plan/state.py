"""The embedded engine's memory of a stack: `.warren/<stack>/state.json` in the project.

Secrets are in it as they are; the directory has mode 0700 and the file 0600. It is written whole, to
the side, and moved into place, after every resource; before a resource is touched, the intent is
written too, so that a run that is killed at any moment leaves nothing that the next does not know.
"""

from __future__ import annotations

import errno
import json
import os
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from warren.errors import WarrenError
from warren.values import Properties

VERSION = 1


@dataclass
class Entry:
    """A resource as it was last left.

    Attributes:
        intent: "create" or "update" while it is under way, "" when it is done.
        leftovers: inputs of objects under an earlier name, which are deleted once the new one is
            there; remembered so that a killed run does not forget them.
    """

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    id: str
    inputs: Properties
    outputs: Properties
    provider: str = ""
    dependencies: Sequence[str] = field(default_factory=list[str])
    protect: bool = False
    retain_on_delete: bool = False
    intent: str = ""
    leftovers: list[Properties] = field(default_factory=list[Properties])


class State:
    """All entries of a stack, by URN, in the order in which they were made."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.file = directory / "state.json"
        self.entries: dict[str, Entry] = {}
        self.outputs: Properties | None = None
        self._lock = threading.Lock()
        self._read()

    def _read(self) -> None:
        try:
            content: dict[str, Any] = json.loads(_read_private(self.file))
        except FileNotFoundError:
            return
        except ValueError as error:
            raise WarrenError(
                f"{self.file} is damaged ({error}).",
                f"The state before the last change is in {self.file.name}.bak beside it: put it in "
                "its place and run up again.",
            ) from None
        if content.get("version") != VERSION:
            raise WarrenError(
                f"{self.file} was written by another version (format {content.get('version')}).",
                "Use that version, or take the stack down with it first.",
            )
        self.outputs = content["outputs"]
        for item in content["resources"]:
            entry = Entry(**item)
            self.entries[entry.urn] = entry

    def put(self, entry: Entry) -> None:
        """Remembers an entry."""
        with self._lock:
            self.entries[entry.urn] = entry
            self._write()

    def remove(self, urn: str) -> None:
        """Forgets an entry."""
        with self._lock:
            self.entries.pop(urn, None)
            self._write()

    def finish(self, outputs: Properties | None) -> None:
        """Remembers the stack's outputs; None when the stack is gone."""
        with self._lock:
            self.outputs = outputs
            backup = self.file.with_suffix(".json.bak")
            if outputs is None and not self.entries:
                # Nothing is left, and passwords of nothing need not be kept.
                self.file.unlink(missing_ok=True)
                backup.unlink(missing_ok=True)
                return
            self._write()
            _private(backup, self.file.read_bytes())

    def _write(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        content = {
            "version": VERSION,
            "outputs": self.outputs,
            "resources": [asdict(entry) for entry in self.entries.values()],
        }
        new = self.file.with_suffix(".new")
        _private(new, json.dumps(content).encode())
        new.replace(self.file)


def _read_private(file: Path) -> str:
    """What a file holds that is this user's and nobody else's.

    Raises:
        WarrenError: somebody else could have written it, or could read the secrets that go into it.
    """
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise WarrenError(
            f"{file} is a link, and the stack's secrets would go wherever it leads.",
            "Remove the link, and put the state itself in its place.",
        ) from None
    with os.fdopen(descriptor, encoding="utf-8") as opened:
        found = os.fstat(opened.fileno())
        if found.st_uid != os.geteuid():
            raise WarrenError(
                f"{file} belongs to another user (number {found.st_uid}), who may have changed it.",
                f"If it is right, make it yours: chown {os.geteuid()} {file}; otherwise remove it.",
            )
        if found.st_mode & 0o077:
            raise WarrenError(
                f"{file} holds secrets, and others may open it (mode {found.st_mode & 0o777:o}).",
                f"Run: chmod 600 {file}; where others have accounts, renew what it holds.",
            )
        return opened.read()


def _private(file: Path, content: bytes) -> None:
    # A file that somebody put there before would keep its owner and its mode.
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as output:
        output.write(content)
        output.flush()
        os.fsync(output.fileno())
