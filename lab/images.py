"""Container images without a registry: root file systems made of Debian packages, wrapped as OCI
archives that containerd imports."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import re
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PATH = "/usr/lib/rabbitmq/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Distribution:
    """What a RabbitMQ image is made of.

    Attributes:
        tag: the image is lab.local/rabbitmq:<tag>.
        suite: of Debian.
        oldest: version of RabbitMQ that will do; an index that has only an older one is refused.
        packages: besides the essential ones.
    """

    tag: str
    suite: str
    oldest: str
    packages: Sequence[str] = field(default=("rabbitmq-server",))


RABBITMQ = {
    # The current series, on a current Erlang.
    "4.3": Distribution("4.3", "sid", oldest="4.3.5"),
    # What Debian's stable release has, for upgrades and for links between versions.
    "4.0": Distribution("4.0", "trixie", oldest="4.0.5"),
}
DEFAULT_RABBITMQ = "4.3"

# The rabbitmq user as the official image has it, made before the package would choose another number.
USER_HOOK = """#!/bin/sh
set -e
echo 'rabbitmq:x:999:' >> "$1/etc/group"
echo 'rabbitmq:x:999:999:RabbitMQ:/var/lib/rabbitmq:/usr/sbin/nologin' >> "$1/etc/passwd"
"""


def mmdebstrap_command(
    distribution: Distribution, hook: Path, output: Path, *, stale: bool = False
) -> list[str]:
    """The command that makes the root file system.

    Args:
        distribution: what is made.
        hook: the script that makes the user.
        output: the archive.
        stale: take an index that is older than it says it lives. Its signature still counts.
    """
    return [
        "mmdebstrap",
        "--variant=essential",
        f"--include={','.join(distribution.packages)}",
        *(['--aptopt=Acquire::Check-Valid-Until "false"'] if stale else []),
        "--dpkgopt=path-exclude=/usr/share/doc/*",
        "--dpkgopt=path-exclude=/usr/share/man/*",
        "--dpkgopt=path-exclude=/usr/share/locale/*",
        f'--essential-hook={hook} "$1"',
        distribution.suite,
        str(output),
    ]


def fits(distribution: Distribution, version: str) -> bool:
    """Whether a Debian version such as 4.3.6-1 is of the image's series and new enough."""
    numbers = re.match(r"(?:\d+:)?(\d+)\.(\d+)\.(\d+)", version)
    if numbers is None:
        return False
    found = tuple(int(part) for part in numbers.groups())
    oldest = tuple(int(part) for part in distribution.oldest.split("."))
    return found[:2] == oldest[:2] and found >= oldest


def root_of_files(files: Mapping[str, Path], output: Path) -> None:
    """A root file system of single executables, the same bytes for the same files."""
    with tarfile.open(output, "w") as archive:
        for name, file in sorted(files.items()):
            entry = tarfile.TarInfo(name.lstrip("/"))
            entry.mode = 0o755
            entry.size = file.stat().st_size
            with file.open("rb") as content:
                archive.addfile(entry, content)


def architecture() -> str:
    """This machine's, as Go and OCI call it; containerd refuses an image of another."""
    machine = platform.machine()
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)


def package_versions(root: Path, names: Sequence[str]) -> dict[str, str]:
    """Exact versions of Debian packages in a root file system's archive."""
    with tarfile.open(root) as archive:
        for entry in archive:
            if entry.name.removeprefix("./") == "var/lib/dpkg/status":
                content = archive.extractfile(entry)
                text = content.read().decode() if content else ""
                break
        else:
            text = ""
    found: dict[str, str] = {}
    for paragraph in text.split("\n\n"):
        fields = dict(
            line.split(": ", 1) for line in paragraph.splitlines() if ": " in line and line[0] > " "
        )
        if fields.get("Package") in names:
            found[fields["Package"]] = fields.get("Version", "")
    return found


def wrap(
    name: str,
    root: Path,
    output: Path,
    command: Sequence[str],
    labels: Mapping[str, str] | None = None,
) -> str:
    """One root file system as an OCI archive under `name`; gives the manifest's digest."""
    layer = _digest_of(root)
    config = _blob(
        {
            "architecture": architecture(),
            "os": "linux",
            "config": {
                "Env": [f"PATH={PATH}", "LANG=C.UTF-8"],
                "Cmd": list(command),
                "Labels": dict(labels or {}),
            },
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer}"]},
        }
    )
    manifest = _blob(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": f"sha256:{_digest(config)}",
                "size": len(config),
            },
            "layers": [
                {
                    "mediaType": "application/vnd.oci.image.layer.v1.tar",
                    "digest": f"sha256:{layer}",
                    "size": root.stat().st_size,
                }
            ],
        }
    )
    index = _blob(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [
                {
                    "mediaType": "application/vnd.oci.image.manifest.v1+json",
                    "digest": f"sha256:{_digest(manifest)}",
                    "size": len(manifest),
                    "platform": {"architecture": architecture(), "os": "linux"},
                    "annotations": {
                        "io.containerd.image.name": name,
                        "org.opencontainers.image.ref.name": name.rpartition(":")[2],
                    },
                }
            ],
        }
    )
    with tarfile.open(output, "w") as archive:
        _add(archive, "oci-layout", _blob({"imageLayoutVersion": "1.0.0"}))
        _add(archive, "index.json", index)
        _add(archive, f"blobs/sha256/{_digest(config)}", config)
        _add(archive, f"blobs/sha256/{_digest(manifest)}", manifest)
        entry = tarfile.TarInfo(f"blobs/sha256/{layer}")
        entry.size, entry.mode = root.stat().st_size, 0o644
        with root.open("rb") as content:
            archive.addfile(entry, content)
    return f"sha256:{_digest(manifest)}"


def _blob(value: object) -> bytes:
    return json.dumps(value, sort_keys=True).encode()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digest_of(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o644
    archive.addfile(entry, io.BytesIO(content))
