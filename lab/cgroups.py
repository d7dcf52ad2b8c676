"""A cgroup for each region, on machines with cgroup v1, hybrid or v2."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from lab.errors import LabError
from lab.processes import end

ROOT = Path("/sys/fs/cgroup")
CONTROLLERS = ("cpuset", "cpu", "io", "memory", "pids", "hugetlb")


def version(root: Path = ROOT) -> int:
    """2 where the unified hierarchy holds the controllers, else 1 (also in hybrid mode)."""
    controllers = root / "cgroup.controllers"
    return 2 if controllers.exists() and controllers.read_text().strip() else 1


def hierarchies(root: Path = ROOT) -> list[Path]:
    """The directories that a region's cgroup must be made in."""
    if version(root) == 2:
        return [root]
    return sorted(item for item in root.iterdir() if item.is_dir() and not item.is_symlink())


def create(name: str, root: Path = ROOT) -> None:
    """Makes the region's cgroup, ready to hold pods."""
    if version(root) == 2:
        available = (root / "cgroup.controllers").read_text().split()
        wanted = [item for item in CONTROLLERS if item in available]
        _enable(root, wanted)
        (root / name).mkdir(exist_ok=True)
        _enable(root / name, wanted)
        return
    for hierarchy in hierarchies(root):
        group = hierarchy / name
        group.mkdir(exist_ok=True)
        # A cpuset begins empty, and nothing can run in an empty one.
        for file in ("cpuset.cpus", "cpuset.mems"):
            if (hierarchy / file).exists():
                (group / file).write_text((hierarchy / file).read_text())


def _enable(group: Path, wanted: Sequence[str]) -> None:
    """Switches a v2 group's controllers on for the groups below it."""
    file = group / "cgroup.subtree_control"
    present = file.read_text().split() if file.exists() else []
    missing = [item for item in wanted if item not in present]
    if not missing:
        return
    try:
        file.write_text(" ".join(f"+{item}" for item in missing))
    except OSError as error:
        raise LabError(
            f"The cgroup controllers {', '.join(missing)} could not be switched on in {group} "
            f"({error.strerror}), and pods need them.",
            "Inside a container, give it the host's cgroup namespace, or move its processes to a "
            "cgroup below the root first: a group that has processes can't hand out controllers.",
        ) from error


def members(name: str, root: Path = ROOT) -> list[int]:
    """Every process in the region's cgroup and below."""
    pids: set[int] = set()
    for group in _groups(name, root):
        for file in group.rglob("cgroup.procs"):
            pids.update(_numbers(file))
    return sorted(pids)


def remove(name: str, root: Path = ROOT, seconds: float = 10) -> None:
    """Ends what runs in the region's cgroup and takes it away."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        pids = members(name, root)
        if pids:
            end(pids)
        groups = _groups(name, root)
        if not groups:
            return
        for group in groups:
            below = [item for item in group.rglob("*") if item.is_dir()]
            for item in (*sorted(below, key=lambda path: -len(path.parts)), group):
                try:
                    item.rmdir()
                except OSError:
                    time.sleep(0.02)


def _groups(name: str, root: Path) -> Sequence[Path]:
    return [item / name for item in hierarchies(root) if (item / name).is_dir()]


def _numbers(file: Path) -> list[int]:
    try:
        return [int(line) for line in file.read_text().split()]
    except OSError:
        return []
