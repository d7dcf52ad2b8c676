"""Projects for the real `pulumi` engine, away from the user's login and from this work tree."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from warren.runs.project import Project, read

ROOT = Path(__file__).parents[2]
KUBECONFIG = ROOT / ".lab" / "kubeconfig"

needs_pulumi = pytest.mark.skipif(
    shutil.which("pulumi") is None, reason="skipped: no `pulumi` on PATH"
)
needs_cluster = pytest.mark.skipif(
    not KUBECONFIG.exists(), reason="skipped: no lab is up, .lab/kubeconfig is not there"
)

MakeProject = Callable[..., Project]


@pytest.fixture(autouse=True)
def own_pulumi_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without a login, with the user's plugins; and no passphrase of somebody else's."""
    theirs = Path(os.environ.get("PULUMI_HOME", Path.home() / ".pulumi"))
    home = tmp_path / "home"
    home.mkdir()
    if (theirs / "plugins").is_dir():
        (home / "plugins").symlink_to(theirs / "plugins")
    for name in ("BACKEND_URL", "ACCESS_TOKEN", "CONFIG_PASSPHRASE", "CONFIG_PASSPHRASE_FILE"):
        monkeypatch.delenv(f"PULUMI_{name}", raising=False)
    monkeypatch.setenv("PULUMI_HOME", str(home))
    return home


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    """Makes (or writes anew) a project with a program's text and the stack's settings."""

    def make(program: str | None = None, stack: str = "dev", **config: Any) -> Project:
        directory = tmp_path / "project"
        directory.mkdir(exist_ok=True)
        if program is None:
            if not (directory / "components").exists():
                shutil.copytree(ROOT / "components", directory / "components")
            shutil.copy(ROOT / "__main__.py", directory / "__main__.py")
        else:
            (directory / "__main__.py").write_text(program)
        if KUBECONFIG.exists() and not (directory / ".lab").exists():
            (directory / ".lab").mkdir()
            shutil.copy(KUBECONFIG, directory / ".lab" / "kubeconfig")
        options = {"virtualenv": sys.prefix} if sys.prefix != sys.base_prefix else {}
        runtime = {"name": "python", "options": options}
        (directory / "Pulumi.yaml").write_text(
            yaml.safe_dump({"name": "warren", "runtime": runtime, "main": "."})
        )
        settings = {"config": {f"warren:{key}": value for key, value in config.items()}}
        (directory / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(settings))
        return read(directory, stack)

    return make


def quiet(_text: str) -> None:
    """Progress of no interest."""


def dev_settings() -> dict[str, Any]:
    """What Pulumi.dev.yaml says, by the names of its settings."""
    content = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())
    return {key.partition(":")[2]: value for key, value in content["config"].items()}
