"""Makes a virtual environment from locked requirements: by uv, and by pip where uv is not to be had.

It runs before anything is installed, so it needs Python's standard library alone:

    python scripts/virtual_environment.py DIRECTORY REQUIREMENTS [--editable PROJECT]

Every package is a wheel whose hash is in the requirements: no code of a package runs while it is
installed. uv takes a tenth of pip's time, and is itself installed by its hash (requirements-uv.txt), into
the new environment, unless it is on PATH.

What was made is remembered in DIRECTORY/.made, with the seconds that it took. Exit code 1: it could not
be made, and the last lines of the installer say why.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

OLDEST = (3, 11)
UV_REQUIREMENTS = Path(__file__).parents[1] / "requirements-uv.txt"
LOCKED = ["--require-hashes", "--only-binary", ":all:"]
SECONDS = 900


class InstallError(Exception):
    """Something could not be installed; the text is what the installer said last."""


def main(arguments: list[str] | None = None) -> int:
    """Makes the environment that the arguments describe; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("requirements", type=Path)
    parser.add_argument("--editable", type=Path, help="a project to install without its needs")
    chosen = parser.parse_args(arguments)
    if sys.version_info < OLDEST:
        print(
            f"warren needs Python {OLDEST[0]}.{OLDEST[1]} or newer, and this is "
            f"{sys.version.split()[0]}: make PYTHON=python3.12 ... names another.",
            file=sys.stderr,
        )
        return 1
    start = time.monotonic()
    try:
        installer = make(chosen.directory, chosen.requirements, chosen.editable)
    except InstallError as error:
        print(f"The virtual environment could not be made. {error}", file=sys.stderr)
        return 1
    seconds = time.monotonic() - start
    remember(chosen.directory, installer, seconds)
    print(f"virtual environment made by {installer} in {seconds:.0f} s", file=sys.stderr)
    return 0


def make(directory: Path, requirements: Path, editable: Path | None) -> str:
    """Makes it anew, and says which installer did."""
    on_path = shutil.which("uv")
    try:
        venv.create(directory, clear=True, with_pip=True)
    except subprocess.CalledProcessError:
        raise InstallError(
            f"{sys.executable} has no pip to put into it. On Debian and Ubuntu: apt-get install "
            "python3-venv."
        ) from None
    python = directory / "bin" / "python"
    uv = on_path or install_uv(python)
    if uv is None:
        installer, command = "pip", [*_pip(python), "install", "--disable-pip-version-check"]
    else:
        installer, command = "uv", [uv, "pip", "install", "--python", str(python)]
    _run([*command, "--quiet", *LOCKED, "-r", str(requirements)])
    if editable is not None:
        # Its needs are there already, setuptools too: nothing is fetched for it.
        own = ["--quiet", "--no-deps", "--no-build-isolation", "--editable", str(editable)]
        _run([*command, *own])
    return installer


def install_uv(python: Path) -> str | None:
    """uv, installed into the environment; None where it is not to be had."""
    quick = ["--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "10"]
    try:
        _run([*_pip(python), "install", *quick, *LOCKED, "-r", str(UV_REQUIREMENTS)])
    except InstallError:
        return None
    uv = python.with_name("uv")
    return str(uv) if uv.exists() else None


def remember(directory: Path, installer: str, seconds: float) -> None:
    """For `make`, which looks at the file's time, and for `warren up`, which tells what took long."""
    told = {"installer": installer, "seconds": round(seconds, 1), "at": time.time()}
    (directory / ".made").write_text(json.dumps(told), "utf-8")


def _pip(python: Path) -> list[str]:
    return [str(python), "-m", "pip"]


def _run(command: list[str]) -> None:
    environment = {**os.environ, "UV_NO_PROGRESS": "1", "PIP_NO_INPUT": "1"}
    environment.pop("VIRTUAL_ENV", None)
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=environment,
            check=False,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise InstallError(
            f"{Path(command[0]).name} did not end within {SECONDS} s. Is the package index reachable?"
        ) from None
    if done.returncode:
        said = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
        raise InstallError(f"The installer said:\n{said}")


if __name__ == "__main__":
    sys.exit(main())
