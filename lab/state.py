"""What the lab remembers about itself: its regions, its network, what the cables do."""

from __future__ import annotations

import contextlib
import fcntl
import ipaddress
import json
import os
from collections.abc import Generator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lab.errors import LabError
from lab.identity import Place

VERSION = 1


@dataclass
class State:
    """The lab's memory.

    Attributes:
        lab: identity.
        wan: network between the regions.
        regions: names, in the order of their addresses.
        round_trips: milliseconds between two regions, by "a|b" with a before b.
        loss: share of packets lost, by region.
        cut: regions whose packets vanish.
        versions: RabbitMQ series whose images the regions have.
    """

    lab: str
    wan: str
    regions: list[str] = field(default_factory=list[str])
    round_trips: dict[str, float] = field(default_factory=dict[str, float])
    loss: dict[str, float] = field(default_factory=dict[str, float])
    cut: list[str] = field(default_factory=list[str])
    versions: list[str] = field(default_factory=list[str])

    def place(self, region: str) -> Place:
        """A region's names and addresses.

        Raises:
            LabError: there is no such region.
        """
        if region not in self.regions:
            raise LabError(
                f"The lab has no region '{region}'.",
                f"Its regions are: {', '.join(self.regions) or 'none; it is not up'}.",
            )
        index = self.regions.index(region)
        return Place(region, index, self.lab, ipaddress.IPv4Network(self.wan))


def load(directory: Path) -> State | None:
    """The state of the lab kept in `directory`; None when there is none."""
    file = directory / "lab.json"
    try:
        values: dict[str, Any] = json.loads(file.read_text())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise LabError(
            f"{file} is damaged ({error}).", "Run 'python -m lab down', which does without it."
        ) from error
    if values.pop("version", None) != VERSION:
        raise LabError(f"{file} is of another version of the lab.", "Run 'python -m lab down'.")
    return State(**values)


def save(directory: Path, state: State) -> None:
    """Writes the state whole or not at all."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = directory / "lab.json"
    new = file.with_suffix(".new")
    new.write_text(json.dumps({"version": VERSION, **asdict(state)}, indent=1))
    new.replace(file)


@contextlib.contextmanager
def exclusive(directory: Path) -> Generator[None]:
    """One command at a time changes the lab.

    Raises:
        LabError: another one does.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (directory / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise LabError(
                f"Another command changes this lab (process {file.read().strip() or 'unknown'}).",
                "Wait until it ends, or end it, and run this again.",
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
