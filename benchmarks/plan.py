"""Time of offline plans as whole processes: the repository's stacks, and how it grows with regions.

`python -m benchmarks.plan` prints it without a lab.
"""

from __future__ import annotations

import itertools
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import estates

ROOT = estates.ROOT
SIZES = (3, 6, 12, 24)
RUNS = 5


@dataclass
class Plan:
    """One stack's plans.

    Attributes:
        name: of the stack.
        directory: where its project is.
        resources: how many it registers.
        wall: seconds of each run, interpreter start and end included.
        processor: seconds of processor time of each run.
    """

    name: str
    directory: Path
    resources: int = 0
    wall: list[float] = field(default_factory=list[float])
    processor: list[float] = field(default_factory=list[float])

    def run(self) -> None:
        """Plans once, in a process of its own, as a user would."""
        command = [sys.executable, "-m", "warren", "plan", "--all", "--stack", self.name]
        used, began = _children(), time.perf_counter()
        done = subprocess.run(
            [*command, "--cwd", str(self.directory)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        self.wall.append(time.perf_counter() - began)
        self.processor.append(_children() - used)
        if done.returncode:
            sys.exit(f"the plan of {self.name} failed: {done.stderr[-1500:]}")
        # A line for each resource, and one for the sum.
        self.resources = len(done.stdout.splitlines()) - 1

    @property
    def seconds(self) -> float:
        """The middle of the wall times."""
        return statistics.median(self.wall)

    def line(self) -> str:
        """The figures as text."""
        return (
            f"{self.seconds:5.2f} s median of {len(self.wall)} "
            f"({min(self.wall):.2f} to {max(self.wall):.2f}), "
            f"{statistics.median(self.processor):.2f} s of processor, {self.resources} resources, "
            f"{self.seconds / self.resources * 1e3:.1f} ms each"
        )


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _measure(plans: Sequence[Plan], runs: int) -> None:
    """Runs all of them in turn, so that what else the machine does falls on all alike."""
    for plan in plans:
        # Not counted: it fills the disk's cache.
        plan.run()
        plan.wall.clear()
        plan.processor.clear()
    for _ in range(runs):
        for plan in plans:
            plan.run()


def figures(runs: int = RUNS) -> None:
    """Prints times of the repository's stacks and of generated ones, and how they grow."""
    stacks = [Plan(name, ROOT) for name in ("dev", "prod")]
    with tempfile.TemporaryDirectory(prefix="warren-") as work:
        directory = Path(work)
        grown = [Plan(estates.write(directory, size), directory) for size in SIZES]
        _measure([*stacks, *grown], runs)
    for plan in stacks:
        print(f"offline plan of {plan.name}: {plan.line()}")
    for size, plan in zip(SIZES, grown, strict=True):
        print(f"offline plan of {size:2} regions on three clouds: {plan.line()}")
    print(growth(grown))


def growth(grown: Sequence[Plan]) -> str:
    """How the time grows, by the processor time of each size's quickest run.

    Wall times of a busy machine differ more between two runs than between two sizes.
    """
    least = [min(plan.processor) for plan in grown]
    pairs = list(itertools.pairwise(range(len(grown))))
    each = [
        (least[after] - least[before]) / (grown[after].resources - grown[before].resources)
        for before, after in pairs
    ]
    exponents = [
        math.log(least[after] / least[before]) / math.log(SIZES[after] / SIZES[before])
        for before, after in pairs
    ]
    times = SIZES[-1] / SIZES[0]
    return (
        f"growth from {' to '.join(map(str, SIZES))} regions, processor time of the quickest runs: "
        f"{', '.join(f'{seconds * 1e3:.1f}' for seconds in each)} ms for each resource more; "
        f"exponents {', '.join(f'{exponent:.2f}' for exponent in exponents)} (1 is linear, and the "
        f"start is in them); {times:.0f} times the regions take {least[-1] / least[0]:.1f} times as long"
    )


if __name__ == "__main__":
    print(f"{os.cpu_count()} cores, {time.strftime('%Y-%m-%d')}, Python {sys.version.split()[0]}")
    figures()
