"""What the machine must have, checked before anything is touched."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from lab.errors import LabError, last_line
from lab.parts import Progress

PROGRAMS = {
    "etcd": "etcd-server",
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "nft": "nftables",
    "iptables": "iptables",
    "conntrack": "conntrack",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "sysctl": "procps",
    "mmdebstrap": "mmdebstrap",
}
"""Programs, and the Debian package that has each."""

CNI_PLUGINS = (Path("/usr/lib/cni"), Path("/opt/cni/bin"))
CNI_PACKAGE = "containernetworking-plugins"

INSTALL = "WARREN_LAB_INSTALL"
"""Environment variable; "no" keeps the lab from installing packages."""

FREE_DISK_GIB = 12
FREE_MEMORY_GIB = 4


def cni_directory() -> Path | None:
    """Where the CNI plugins are."""
    return next((item for item in CNI_PLUGINS if (item / "bridge").exists()), None)


def missing_packages() -> list[str]:
    """Debian packages whose programs are not there."""
    packages = {package for program, package in PROGRAMS.items() if shutil.which(program) is None}
    if cni_directory() is None:
        packages.add(CNI_PACKAGE)
    return sorted(packages)


def check(state: Path, cache: Path, progress: Progress) -> None:
    """Root, kernel, disk, memory, Go and packages; the packages are installed where apt can.

    Raises:
        LabError: for the first thing that is missing, with what to do about it.
    """
    if sys.platform != "linux":
        raise LabError(
            "The lab is made of network namespaces and cgroups, which only Linux has.",
            "Use a Linux machine or virtual machine, or name Kubernetes clusters of your own in "
            "Pulumi.dev.yaml (README.md, 'On clusters of your own').",
        )
    if os.geteuid() != 0:
        raise LabError(
            "The lab makes network namespaces and mounts, and so needs root.",
            "Run it as root, or name Kubernetes clusters of your own in Pulumi.dev.yaml "
            "(README.md, 'On clusters of your own').",
        )
    if not Path("/dev/net/tun").exists():
        raise LabError(
            "/dev/net/tun is missing, and the cables between regions are made with it.",
            "Load the kernel module 'tun' (modprobe tun), or give the container that device.",
        )
    for where in (state, cache):
        _enough_disk(where)
    _enough_memory()
    if shutil.which("go") is None:
        raise LabError(
            "Go is not on PATH, and Kubernetes is built with it.",
            "Install Go 1.26 or newer and put its bin directory on PATH.",
        )
    packages = missing_packages()
    if packages:
        install(packages, state, progress)


def _enough_disk(where: Path) -> None:
    place = where
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free / 2**30
    if free < FREE_DISK_GIB:
        raise LabError(
            f"{place} has {free:.1f} GiB free, and the lab wants {FREE_DISK_GIB} GiB.",
            "Free some, or keep the built parts elsewhere (WARREN_CACHE).",
        )


def _enough_memory() -> None:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            free = int(line.split()[1]) / 2**20
            if free < FREE_MEMORY_GIB:
                raise LabError(
                    f"{free:.1f} GiB of memory are available, and two regions want "
                    f"{FREE_MEMORY_GIB} GiB.",
                    "Stop something, or start fewer regions.",
                )


def install(packages: Sequence[str], state: Path, progress: Progress) -> None:
    """Installs Debian packages by apt-get, after saying which; its output goes to a log in `state`.

    Raises:
        LabError: they could not be installed, or WARREN_LAB_INSTALL=no forbids it.
    """
    if shutil.which("apt-get") is None:
        raise LabError(
            f"These are missing: {', '.join(packages)} (names of Debian packages).",
            "Install what they are called on this system; the lab can do it itself where apt is.",
        )
    if os.environ.get(INSTALL) == "no":
        raise LabError(
            f"These Debian packages are missing, and {INSTALL}=no forbids to install them: "
            f"{' '.join(packages)}.",
            f"Run: apt-get install {' '.join(packages)}",
        )
    progress(
        f"these Debian packages are missing, and apt-get installs them now: {' '.join(packages)} "
        f"({INSTALL}=no forbids that)"
    )
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = state / "apt.log"
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-qy", "--no-install-recommends", *packages],
    ):
        with log.open("ab") as output:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                check=False,
            )
        if done.returncode and command[1] == "update":
            progress(
                f"NOTE: apt-get could not read its sources anew ({last_line(log)}); "
                "what it knows of them may be old"
            )
    if still := missing_packages():
        raise LabError(
            f"apt-get could not install {', '.join(still)} (exit {done.returncode}): "
            f"{last_line(log)}.",
            f"Install them by hand; the whole output is in {log}.",
        )
