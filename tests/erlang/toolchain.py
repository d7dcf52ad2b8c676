"""An Erlang with dialyzer and EUnit: Debian's, of the suite that the lab's RabbitMQ image is made from.

Debian 12's own Erlang is older than what the brokers run on (`json` came with OTP 27), so the tests
bring theirs: a root file system of packages, made once and kept outside the checkout by content.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.images import DEFAULT_RABBITMQ, RABBITMQ, Distribution
from lab.parts import cache_root, root_file_system

PACKAGES = (
    "erlang-dev",
    "erlang-dialyzer",
    "erlang-eunit",
    "erlang-inets",
    "erlang-public-key",
    "erlang-ssl",
)
"""`erlang-dev` has EUnit's header file; the others what the name says."""

KNOWN = (
    *(
        "application",
        "base64",
        "binary",
        "code",
        "compile",
        "erlang",
        "erts_internal",
        "ets",
        "file",
    ),
    *(
        "filelib",
        "filename",
        "httpc",
        "init",
        "io",
        "io_lib",
        "json",
        "lists",
        "maps",
        "public_key",
    ),
    *("re", "string", "timer", "unicode", "uri_string"),
)
"""Modules whose types dialyzer knows: those that the code calls. It says when one is missing here.
All modules of their applications would take it two minutes instead of seconds."""

HOOK = "#!/bin/sh\n"

PLT = "/plt"


@dataclass(frozen=True)
class Finished:
    """How a command in the toolchain ended."""

    code: int
    output: str


@dataclass(frozen=True)
class Erlang:
    """The toolchain.

    Attributes:
        root: its root file system.
    """

    root: Path

    @contextmanager
    def workspace(self, files: Mapping[str, str]) -> Generator[Workspace]:
        """A directory in it with these files."""
        with tempfile.TemporaryDirectory(dir=self.root / "tmp") as directory:
            for name, text in files.items():
                file = Path(directory) / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            yield Workspace(self.root, f"/tmp/{Path(directory).name}")  # noqa: S108 - in the chroot


@dataclass(frozen=True)
class Workspace:
    """A directory of a toolchain.

    Attributes:
        root: of the toolchain.
        directory: as the toolchain sees it.
    """

    root: Path
    directory: str

    def run(self, script: str, *arguments: str) -> Finished:
        """Runs a shell script there."""
        done = subprocess.run(
            [
                *("chroot", str(self.root), "/usr/bin/env", "-i"),
                *("HOME=/tmp", "LANG=C.UTF-8", "PATH=/usr/bin:/bin"),
                *("sh", "-ec", f"cd {self.directory}; {script}", "sh", *arguments),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        return Finished(done.returncode, done.stdout)


def why_not() -> str:
    """Why this machine can't have the toolchain; "" when it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "the Erlang toolchain is a root file system, and needs root on Linux"
    return ""


def toolchain() -> Erlang:
    """The toolchain, made when it is missing (about a minute)."""
    wanted = Distribution("erlang", RABBITMQ[DEFAULT_RABBITMQ].suite, oldest="", packages=PACKAGES)
    key = hashlib.sha256(repr((wanted, KNOWN)).encode()).hexdigest()[:16]
    cache = cache_root()
    cache.mkdir(parents=True, exist_ok=True)
    final = cache / f"erlang-{key}"
    with (cache / f"erlang-{key}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not final.is_dir():
            _make(wanted, final)
    return Erlang(final)


def _make(wanted: Distribution, final: Path) -> None:
    from lab import prerequisites

    if shutil.which("mmdebstrap") is None:
        prerequisites.install(["mmdebstrap"], final.parent, print)
    with tempfile.TemporaryDirectory(prefix=f"{final.name}.part-", dir=final.parent) as work:
        hook, root = Path(work) / "hook", Path(work) / "root"
        hook.write_text(HOOK)
        hook.chmod(0o755)
        archive = Path(work) / "root.tar"
        root_file_system(wanted, hook, archive, final.parent / f"{final.name}.log", print)
        root.mkdir()
        subprocess.run(["tar", "-C", root, "-xf", archive], check=True)
        with Erlang(root).workspace({}) as space:
            modules = " ".join(f"/usr/lib/erlang/lib/*/ebin/{name}.beam" for name in KNOWN)
            made = space.run(
                f"dialyzer --build_plt --output_plt {PLT} $(ls -d {modules} 2>/dev/null)"
            )
        assert (root / PLT.lstrip("/")).exists(), made.output[-2000:]
        root.rename(final)
