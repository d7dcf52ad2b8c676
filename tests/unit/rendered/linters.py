"""checkov and kube-score over a folder of manifests: what each finds, in one form.

kube-linter is not here: its Go module has a vanity path, which not every place that runs these tests
can reach. kube-score makes the same kind of checks, across objects too (a budget, a network policy and
a service for each pod). Both work without a network once they are installed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.unit.rendered.manifests import ROOT

REQUIREMENTS = ROOT / "requirements-checkov.txt"
KUBE_SCORE = "github.com/zegl/kube-score/cmd/kube-score@v1.20.0"
INSTALL_SECONDS, RUN_SECONDS = 480, 180
PASSED = 10
"""kube-score's grade for nothing to say; 1 is critical, 5 a warning, 7 nearly good."""


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that a linter says against one object."""

    tool: str
    check: str
    kind: str
    place: str
    text: str


def write(documents: Sequence[dict[str, Any]], folder: Path) -> Path:
    """One file an object, as the linters read them."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, document in enumerate(documents):
        file = folder / f"{number:03}-{document['kind']}.yaml"
        file.write_text(yaml.safe_dump(document), "utf-8")
    return folder


def checkov_program() -> Path:
    """checkov in a virtual environment of its own beside this one, made at first use."""
    home = Path(sys.prefix) / "checkov"
    mark, wanted = home / ".wanted", REQUIREMENTS.read_text("utf-8")
    if not mark.exists() or mark.read_text("utf-8") != wanted:
        maker = [sys.executable, str(ROOT / "scripts" / "virtual_environment.py")]
        _run([*maker, str(home), str(REQUIREMENTS)], INSTALL_SECONDS)
        mark.write_text(wanted, "utf-8")
    return home / "bin" / "checkov"


def kube_score_program(folder: Path) -> Path:
    """kube-score, built into the folder from its pinned Go module."""
    go = shutil.which("go")
    assert go, "Go is not on PATH; the lab's prerequisites in the README say how to get it"
    _run([go, "install", KUBE_SCORE], INSTALL_SECONDS, {"GOBIN": str(folder), "GOFLAGS": ""})
    return folder / "kube-score"


def checkov(program: Path, folder: Path) -> list[Finding]:
    """What checkov's Kubernetes checks say against the manifests below a folder."""
    options = ["--framework", "kubernetes", "--skip-download", "--quiet", "--compact", "-o", "json"]
    told = _run([str(program), "-d", str(folder), *options, "--soft-fail"], RUN_SECONDS)
    report = json.loads(told)
    files = sum(1 for _ in folder.rglob("*.yaml"))
    summary = report["summary"]
    assert summary["parsing_errors"] == 0, report
    assert summary["passed"] + summary["failed"] >= files, f"{summary} of {files} files"
    return sorted(
        Finding(
            "checkov",
            item["check_id"],
            item["resource"].split(".")[0],
            f"{item['file_path']} {item['resource']}",
            item["check_name"],
        )
        for item in report["results"]["failed_checks"]
    )


def kube_score(program: Path, folder: Path, version: str) -> list[Finding]:
    """What kube-score says against the manifests in a folder, which it takes for one cluster's."""
    files = sorted(folder.glob("*.yaml"))
    options = ["--kubernetes-version", f"v{version}", "--output-format", "json"]
    options += ["--enable-optional-test", "container-seccomp-profile"]
    # Exit code 1 says that there are findings.
    told = _run([str(program), "score", *options, *map(str, files)], RUN_SECONDS, codes=(0, 1))
    report = json.loads(told)
    assert report, f"nothing in {folder} was scored"
    return sorted(
        Finding(
            "kube-score",
            check["check"]["id"],
            scored["type_meta"]["kind"],
            f"{folder.parent.name}/{folder.name} {scored['object_name']} {comment.get('path', '')}",
            comment.get("summary", check["check"]["comment"]),
        )
        for scored in report
        for check in scored["checks"]
        if not check["skipped"] and check["grade"] < PASSED
        for comment in check.get("comments") or [{}]
    )


def _run(
    command: Sequence[str],
    seconds: int,
    environment: dict[str, str] | None = None,
    codes: Sequence[int] = (0,),
) -> str:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    assert done.returncode in codes, (
        f"{' '.join(command)}: {done.stderr[-2000:]}{done.stdout[-500:]}"
    )
    return done.stdout
