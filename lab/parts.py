"""What a lab is made of, built once and kept outside the checkout by content.

The key of a part is a hash of everything that goes into it, so that a second clone finds the first
one's parts, and a changed source gets a new one.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError, last_line
from lab.images import (
    DEFAULT_RABBITMQ,
    RABBITMQ,
    USER_HOOK,
    Distribution,
    fits,
    mmdebstrap_command,
    package_versions,
    root_of_files,
    wrap,
)

SOURCE = Path(__file__).parent / "go"
KUBERNETES = "v1.36.3"

Progress = Callable[[str], None]


def cache_root() -> Path:
    """Where parts are kept: $WARREN_CACHE, or `warren` in the user's cache directory."""
    if own := os.environ.get("WARREN_CACHE"):
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "warren"


@dataclass(frozen=True)
class Parts:
    """The built parts.

    Attributes:
        binary: every Kubernetes part and the lab's own, in one file.
        images: OCI archives, by image name.
    """

    binary: Path
    images: dict[str, Path]


def build(
    progress: Progress, versions: Sequence[str] = (DEFAULT_RABBITMQ,), cache: Path | None = None
) -> Parts:
    """All parts, built where they are missing. Go and Debian packages side by side.

    Args:
        progress: is told of what takes time.
        versions: RabbitMQ series wanted as images.
        cache: where to keep them.

    Raises:
        LabError: something could not be built; the text has the end of the log.
    """
    cache = cache or cache_root()
    cache.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        binaries = pool.submit(_binaries, cache, progress)
        rabbits = {
            version: pool.submit(_rabbitmq, cache, RABBITMQ[version], progress)
            for version in versions
        }
        made = binaries.result()
        images = {
            f"lab.local/rabbitmq:{version}": future.result() for version, future in rabbits.items()
        }
    return Parts(made / "lab", images | _small_images(cache, made))


def tree_key(root: Path, *more: str) -> str:
    """Hash of every file below a directory but Go's tests, by path and content, and of further texts."""
    digest = hashlib.sha256()
    files = (item for item in root.rglob("*") if item.is_file())
    for file in sorted(item for item in files if not item.name.endswith("_test.go")):
        digest.update(f"{file.relative_to(root)}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    for text in more:
        digest.update(b"\0" + text.encode())
    return digest.hexdigest()[:16]


def _binaries(cache: Path, progress: Progress) -> Path:
    version = subprocess.run(["go", "version"], capture_output=True, text=True, check=True).stdout

    def make(target: Path, log: Path) -> None:
        stamp = f"-X k8s.io/component-base/version.gitVersion={KUBERNETES}"
        for name, flags in (("lab", f"-s -w {stamp}"), ("coredns", "-s -w"), ("pause", "-s -w")):
            _logged(
                [
                    "go",
                    "build",
                    "-trimpath",
                    "-ldflags",
                    flags,
                    "-o",
                    str(target / name),
                    f"./cmd/{name}",
                ],
                log,
                SOURCE,
            )

    return _part(
        cache,
        f"kubernetes-{tree_key(SOURCE, version, KUBERNETES)}",
        make,
        progress,
        "Kubernetes and the cluster DNS from source (about 10 minutes the first time)",
    )


def _rabbitmq(cache: Path, distribution: Distribution, progress: Progress) -> Path:
    name = f"lab.local/rabbitmq:{distribution.tag}"

    def make(target: Path, log: Path) -> None:
        with tempfile.TemporaryDirectory(dir=target) as work:
            hook = Path(work) / "user.sh"
            hook.write_text(USER_HOOK)
            hook.chmod(0o755)
            root = Path(work) / "root.tar"
            root_file_system(distribution, hook, root, log, progress)
            versions = package_versions(root, ("rabbitmq-server", "erlang-base"))
            found = versions.get("rabbitmq-server", "none")
            if not fits(distribution, found):
                raise LabError(
                    f"Debian {distribution.suite} has RabbitMQ {found}, and the image of "
                    f"{distribution.tag} wants {distribution.oldest} or a later one of its series.",
                    "Use a mirror that has it, or a stack with an image of your own.",
                )
            progress(f"RabbitMQ {found} from Debian {distribution.suite}")
            labels = {
                "org.opencontainers.image.title": "RabbitMQ from Debian packages",
                "org.opencontainers.image.version": versions.get("rabbitmq-server", "unknown"),
                "dev.warren.lab.erlang": versions.get("erlang-base", "unknown"),
                "dev.warren.lab.suite": distribution.suite,
            }
            wrap(name, root, target / "image.tar", ["rabbitmq-server"], labels)

    inputs = repr((distribution, USER_HOOK, (Path(__file__).parent / "images.py").read_text()))
    key = hashlib.sha256(inputs.encode()).hexdigest()[:16]
    return (
        _part(
            cache,
            f"rabbitmq-{distribution.tag}-{key}",
            make,
            progress,
            f"image of RabbitMQ {distribution.tag} from Debian packages (about a minute)",
        )
        / "image.tar"
    )


def root_file_system(
    distribution: Distribution, hook: Path, root: Path, log: Path, progress: Progress
) -> None:
    """By a current index; by a stale one, which is said, only where the mirror has no other."""
    begun = log.stat().st_size if log.exists() else 0
    try:
        _logged(mmdebstrap_command(distribution, hook, root), log, log.parent)
    except LabError:
        with log.open(errors="replace") as said:
            said.seek(begun)
            expired = [line for line in said if "is expired" in line]
        if not expired:
            raise
        age = expired[-1].partition("(")[2].partition(")")[0]
        progress(
            f"NOTE: this machine's mirror has an old index of Debian {distribution.suite} ({age}): "
            "its signature counts, but later security fixes are not in the lab's image"
        )
        _logged(mmdebstrap_command(distribution, hook, root, stale=True), log, log.parent)


def _small_images(cache: Path, binaries: Path) -> dict[str, Path]:
    images: dict[str, Path] = {}
    for name in ("pause", "coredns"):

        def make(target: Path, _log: Path, name: str = name) -> None:
            root_of_files({f"/{name}": binaries / name}, target / "root.tar")
            wrap(f"lab.local/{name}:1", target / "root.tar", target / "image.tar", [f"/{name}"])
            (target / "root.tar").unlink()

        key = hashlib.sha256(binaries.name.encode()).hexdigest()[:16]
        images[f"lab.local/{name}:1"] = (
            _part(cache, f"{name}-{key}", make, lambda _text: None, f"image of {name}")
            / "image.tar"
        )
    return images


def _part(
    cache: Path,
    key: str,
    make: Callable[[Path, Path], None],
    progress: Progress,
    what: str,
) -> Path:
    """The directory of a part; made, when it is missing, beside its place and then moved there."""
    final = cache / key
    if final.is_dir():
        return final
    with _only_one(cache / f"{key}.lock", progress, what):
        if final.is_dir():
            return final
        started = time.monotonic()
        progress(f"building {what}")
        for old in cache.glob(f"{key}.part-*"):
            shutil.rmtree(old, ignore_errors=True)
        target = Path(tempfile.mkdtemp(prefix=f"{key}.part-", dir=cache))
        log = cache / f"{key}.log"
        try:
            make(target, log)
            target.chmod(0o755)
            target.rename(final)
        except BaseException:
            shutil.rmtree(target, ignore_errors=True)
            raise
        progress(f"built {what} in {time.monotonic() - started:.0f} s")
    return final


@contextlib.contextmanager
def _only_one(lock: Path, progress: Progress, what: str) -> Generator[None]:
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"waiting for another run that builds {what}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _logged(command: Sequence[str], log: Path, directory: Path) -> None:
    with log.open("ab") as output:
        done = subprocess.run(
            command,
            cwd=directory,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            env={**os.environ, "CGO_ENABLED": "0"},
        )
    if done.returncode:
        raise LabError(
            f"'{command[0]} ... {command[-1]}' failed: {last_line(log)}.",
            f"The whole output is in {log}; mend the cause and run it again.",
        )
