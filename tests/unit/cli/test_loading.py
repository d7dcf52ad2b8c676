"""What the commands that must work at 03:00 load: neither Pulumi, nor a provider's SDK, nor a component."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

LIGHT = ["warren.cli.status", "warren.cli.outputs", "warren.cli.app", "warren.estate.status"]

SCRIPT = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
print(json.dumps(sorted(sys.modules)))
"""

STATUS = """
import json, sys
from warren.cli.app import app
try:
    app(["status", "--cwd", sys.argv[1], "--stack", "test"])
except SystemExit as end:
    assert end.code == 3, end.code
print(json.dumps(sorted(sys.modules)))
"""

REGION = {
    "cloud": "existing",
    "role": "primary",
    "context": "test",
    "kubeconfig": "kubeconfig",
    "cluster_name": "c",
    "replicas": 3,
    "host": "127.0.0.1",
    "port": 5671,
    "server_name": "east.test",
    "amqps": "amqps://127.0.0.1:5671",
    "management": "https://m",
}
OUTPUTS = {
    "domain": "test",
    "namespace": "rabbitmq",
    "primary": "east",
    "epoch": 1,
    "regions": {"east": REGION},
    "links": [],
    "names": None,
    "ca": "",
    "users": {"monitoring": "x"},
}


def loaded(script: str, argument: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", script, argument],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return json.loads(done.stdout.splitlines()[-1])


def heavy(modules: list[str]) -> list[str]:
    """Modules that have no business in a command that only looks."""
    allowed = {"components", "components.outputs", "components.watch"}
    # pydantic is not among them: the command line's own library loads it to read arguments.
    roots = ("pulumi", "kubernetes", "google", "grpc", "components", "cryptography")
    return [
        name
        for name in modules
        if name not in allowed and name.split(".")[0].partition("_")[0] in roots
    ]


@pytest.mark.parametrize("module", LIGHT)
def test_a_command_that_looks_loads_no_sdk_and_no_component(module: str) -> None:
    found = loaded(SCRIPT, module)
    assert module in found
    assert heavy(found) == []
    # Time is what this is about; modules can be counted on a busy machine. Today they are about 260.
    assert len(found) < 400


def test_asking_an_estate_loads_none_either(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: warren\nruntime: python\n")
    (tmp_path / "Pulumi.test.yaml").write_text("config: {}\n")
    cluster = {"name": "c", "cluster": {"server": "http://127.0.0.1:9"}}
    (tmp_path / "kubeconfig").write_text(
        json.dumps(
            {
                "clusters": [cluster],
                "users": [{"name": "u", "user": {"token": "t"}}],
                "contexts": [{"name": "test", "context": {"cluster": "c", "user": "u"}}],
            }
        )
    )
    state = tmp_path / ".warren" / "test"
    state.mkdir(parents=True, mode=0o700)
    (state / "state.json").write_text(
        json.dumps({"version": 1, "outputs": OUTPUTS, "resources": []})
    )
    (state / "state.json").chmod(0o600)
    found = loaded(STATUS, str(tmp_path))
    assert "warren.live.kubernetes" in found
    assert heavy(found) == []
    assert len(found) < 600


def test_the_check_sees_what_it_looks_for() -> None:
    assert "pulumi" in heavy(loaded(SCRIPT, "warren.sdk.program"))
    assert heavy(["components.links", "pulumi_aws.ec2", "kubernetes.client"])
