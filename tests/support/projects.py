"""Small projects for engine tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.api_server import ApiServer
from warren.engines.embedded.engine import EmbeddedEngine
from warren.runs.project import Project, read

PROGRAM = """
import pulumi, pulumi_random as random, pulumi_kubernetes as k
from pulumi_kubernetes import core, batch, meta
config = pulumi.Config("small")
provider = k.Provider("p", kubeconfig="kubeconfig", context=config.get("context") or "test")
inside = pulumi.ResourceOptions(provider=provider)
password = random.RandomPassword("password", length=20)
space = core.v1.Namespace("space", metadata={"name": "space"}, opts=inside)
for index in range(config.get_int("maps") or 0):
    core.v1.ConfigMap(f"map-{index}", metadata={"name": f"map-{index}", "namespace": "space"},
                      data={"value": config.get("value") or "a"},
                      opts=pulumi.ResourceOptions(provider=provider, depends_on=[space]))
secret = core.v1.Secret("secret", metadata={"name": "secret", "namespace": "space"},
                        string_data={"password": password.result}, opts=inside)
service = core.v1.Service("service", metadata={"name": "service", "namespace": "space"},
                          spec={"type": "LoadBalancer"}, opts=inside)
if config.get("job"):
    batch.v1.Job("job", metadata={"name": "job-" + config.require("job"), "namespace": "space"},
                 spec={"template": {"spec": {"containers": [{"name": config.require("job")}]}}},
                 opts=inside)
pulumi.export("address", service.status.load_balancer.ingress[0].ip)
pulumi.export("password", password.result)
"""


@pytest.fixture
def server() -> Iterator[ApiServer]:
    running = ApiServer()
    yield running
    running.close()


Make = Callable[..., Project]


@pytest.fixture
def make(tmp_path: Path, server: ApiServer) -> Make:
    """A project in a temporary directory, with the given config."""

    def project(program: str = PROGRAM, **config: object) -> Project:
        (tmp_path / "kubeconfig").write_text(server.kubeconfig())
        (tmp_path / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
        (tmp_path / "__main__.py").write_text(program)
        lines = "".join(f"  small:{key}: {value}\n" for key, value in config.items())
        (tmp_path / "Pulumi.test.yaml").write_text(f"config:\n{lines}" if lines else "config: {}\n")
        return read(tmp_path, "test")

    return project


def silent(_text: str) -> None:
    return


def up(project: Project) -> dict[str, int]:
    """Brings a project up and gives the counts of what was done."""
    return EmbeddedEngine(project).up(silent).counts
