"""The installer: uv where it is to be had, pip otherwise; hashes and wheels only, whichever it is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts import virtual_environment

SCRIPT = Path(virtual_environment.__file__)
LOCKED = ["--require-hashes", "--only-binary", ":all:"]


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would be run; nothing is."""
    ran: list[list[str]] = []

    def run(command: list[str]) -> None:
        ran.append(command)

    monkeypatch.setattr(virtual_environment, "_run", run)
    monkeypatch.setattr(virtual_environment.venv, "create", lambda *_, **__: None)
    monkeypatch.setattr(virtual_environment.shutil, "which", lambda name: None)
    return ran


def test_pip_takes_over_where_uv_is_not_to_be_had(
    commands: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refused(command: list[str]) -> None:
        commands.append(command)
        if any("requirements-uv" in part for part in command):
            raise virtual_environment.InstallError("no matching distribution")

    monkeypatch.setattr(virtual_environment, "_run", refused)
    assert virtual_environment.make(tmp_path, Path("wanted.txt"), Path()) == "pip"
    _, install, editable = commands
    assert install[1:3] == ["-m", "pip"]
    assert [part for part in install if part in LOCKED] == LOCKED
    assert {"--no-deps", "--no-build-isolation"} <= set(editable)


def test_uv_is_installed_by_its_hash_and_used(commands: list[list[str]], tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "uv").touch()
    assert virtual_environment.make(tmp_path, Path("wanted.txt"), None) == "uv"
    bring, install = commands
    assert [part for part in bring if part in LOCKED] == LOCKED
    assert install[0] == str(tmp_path / "bin" / "uv")
    assert [part for part in install if part in LOCKED] == LOCKED


def test_uv_on_path_is_not_installed_again(
    commands: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(virtual_environment.shutil, "which", lambda name: "/opt/bin/uv")
    assert virtual_environment.make(tmp_path, Path("wanted.txt"), None) == "uv"
    assert [command[0] for command in commands] == ["/opt/bin/uv"]


def test_a_package_whose_hash_differs_is_refused(tmp_path: Path) -> None:
    """The real installer, on a wheel made here: no index is asked."""
    wheel = _wheel(tmp_path)
    wanted = tmp_path / "wanted.txt"
    wanted.write_text(
        f"{wheel.as_uri()} --hash=sha256:{'0' * 64}\n".replace("file:", "nothing @ file:")
    )
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path / "made"), str(wanted)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "hash" in done.stderr.lower()
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "made" / ".made").exists()


def test_what_was_made_is_remembered_with_its_time(tmp_path: Path) -> None:
    virtual_environment.remember(tmp_path, "uv", 6.04)
    told: dict[str, Any] = json.loads((tmp_path / ".made").read_text("utf-8"))
    assert (told["installer"], told["seconds"]) == ("uv", 6.0)


def test_an_older_python_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(virtual_environment.sys, "version_info", (3, 9, 1))
    assert virtual_environment.main([str(tmp_path), "wanted.txt"]) == 1
    assert "make PYTHON=" in capsys.readouterr().err


def _wheel(folder: Path) -> Path:
    import zipfile

    path = folder / "nothing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("nothing.py", "")
        info = "nothing-1.0.dist-info"
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: nothing\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path
