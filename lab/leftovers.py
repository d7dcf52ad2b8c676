"""What a region's parts leave outside its own directories when they are killed, and mounts inside."""

from __future__ import annotations

import subprocess
from pathlib import Path

from lab.configuration import Paths

CNI_RESULTS = Path("/var/lib/cni/results")
LOG_LINKS = Path("/var/log/containers")
SHIM_SOCKETS = Path("/run/containerd/s")


def forget_containers(paths: Paths, results: Path = CNI_RESULTS) -> None:
    """Removes the shims' sockets and the CNI plugins' notes of containers that no longer run."""
    bundles = paths.run / "containerd" / "io.containerd.runtime.v2.task"
    for file in bundles.glob("*/*/address"):
        socket = Path(file.read_text().strip().removeprefix("unix://"))
        if socket.parent == SHIM_SOCKETS:
            socket.unlink(missing_ok=True)
    kept = paths.disk / "containerd" / "io.containerd.grpc.v1.cri" / "sandboxes"
    for container in {item.parent.name for item in bundles.glob("*/*/address")} | {
        item.name for item in kept.glob("*")
    }:
        for note in results.glob(f"*-{container}-*"):
            note.unlink(missing_ok=True)


def remove_log_links(disk: Path, links: Path = LOG_LINKS) -> None:
    """The kubelet puts links to its pods' logs into one place, wherever the logs are."""
    for link in links.glob("*.log"):
        if link.is_symlink() and link.readlink().is_relative_to(disk):
            link.unlink(missing_ok=True)


def own_mounts(table: str, paths: Paths) -> list[str]:
    """Mount points of a region in the text of /proc/mounts, the innermost first."""
    prefixes = (f"{paths.disk}/", f"{paths.run}/")
    points = [
        line.split()[1].replace("\\040", " ").replace("\\011", "\t")
        for line in table.splitlines()
        if line
    ]
    return sorted((item for item in points if item.startswith(prefixes)), reverse=True)


def unmount(paths: Paths) -> None:
    """Takes every mount of the region away."""
    for _ in range(3):
        own = own_mounts(Path("/proc/mounts").read_text(), paths)
        if not own:
            return
        for mount in own:
            subprocess.run(["umount", "-l", mount], capture_output=True, check=False)


def in_namespace(key: str) -> list[int]:
    """Processes in a region's own network namespace."""
    try:
        inode = Path(f"/run/netns/{key}").stat().st_ino
    except OSError:
        return []
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "ns" / "net").stat().st_ino == inode:
                    found.append(int(entry.name))
            except OSError:
                continue
    return found
