"""The real Pulumi engine on the real program; skipped where there is no `pulumi` on PATH."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from warren.engines.base import EngineError
from warren.engines.project import read
from warren.engines.pulumi_cli import PulumiEngine
from warren.engines.select import engine_for

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.engine
needs_pulumi = pytest.mark.skipif(
    shutil.which("pulumi") is None, reason="skipped: no `pulumi` on PATH"
)


@needs_pulumi
def test_pulumi_previews_the_program_as_the_offline_plan_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("components", "__main__.py", "Pulumi.yaml", "Pulumi.dev.yaml"):
        shutil.copytree(ROOT / name, tmp_path / name) if (ROOT / name).is_dir() else shutil.copy(
            ROOT / name, tmp_path / name
        )
    if not (ROOT / ".lab" / "kubeconfig").exists():
        pytest.skip(
            "skipped: the lab is not up, and pulumi's Kubernetes provider asks its clusters"
        )
    (tmp_path / ".lab").mkdir()
    shutil.copy(ROOT / ".lab" / "kubeconfig", tmp_path / ".lab" / "kubeconfig")
    (tmp_path / "Pulumi.yaml").write_text("name: warren\nruntime: python\n")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    found = PulumiEngine(read(tmp_path, "dev")).preview(lambda _text: None)
    registered = {step.type for step in found.steps}
    assert "warren:estate:Estate" in registered
    assert "kubernetes:apps/v1:StatefulSet" in registered


def test_without_pulumi_the_choice_of_it_names_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    (tmp_path / "Pulumi.yaml").write_text("name: warren\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    project = read(tmp_path, "dev")
    assert engine_for(project, "auto").name == "embedded"
    with pytest.raises(EngineError, match="not on PATH"):
        engine_for(project, "pulumi")
