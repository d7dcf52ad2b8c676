"""Every stack's Kubernetes objects, held against a real API server, which checks them and keeps none.

Admission is on: pods that do not meet the `restricted` standard are refused.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.lab.conftest import ROOT
from tests.lab.kube import cluster
from tests.lab.messaging import Estate
from warren.engines.embedded.objects import body_of
from warren.live.kubernetes import ApiError, Cluster
from warren.live.objects import ObjectRef, reference
from warren.plan import offline
from warren.plan.state import State
from warren.runs.project import read
from warren.values import is_unknown

pytestmark = pytest.mark.lab

NAMESPACE = "dry-run"
FILES = [*ROOT.glob("Pulumi.*.yaml"), *(ROOT / "examples").glob("*/Pulumi.*.yaml")]
STACKS = {file.name.split(".")[1]: file for file in sorted(FILES)}


def test_there_are_stacks_to_check() -> None:
    assert {"dev", "prod", "aws-two-regions", "china-pair", "single-region"} <= STACKS.keys()


@pytest.fixture(scope="module")
def api(estate: Estate) -> Iterator[Cluster]:
    found = cluster(estate, "east")
    labels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")}
    body = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": NAMESPACE, "labels": labels},
    }
    found.apply(reference(body), body)
    # The controller makes it a moment after the namespace, and pods need it.
    account = ObjectRef("v1", "ServiceAccount", NAMESPACE, "default")
    found.apply(
        account,
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": "default", "namespace": NAMESPACE},
        },
    )
    yield found
    found.delete(reference(body))


def rendered(stack: str, directory: Path) -> list[dict[str, Any]]:
    (directory / "Pulumi.yaml").symlink_to(ROOT / "Pulumi.yaml")
    (directory / STACKS[stack].name).symlink_to(STACKS[stack])
    project = replace(read(directory, stack), directory=ROOT)
    found = offline.plan(project, State(directory))
    return [
        _placed(_known(body_of(step.type, step.inputs)))
        for step in found.steps
        if step.type.startswith("kubernetes:")
    ]


def _known(value: Any, key: str = "") -> Any:
    """What is unknown before `up` becomes something of its kind."""
    if is_unknown(value) and key in ("stringData", "data"):
        # Of a certificate's secret the server wants these two.
        return dict.fromkeys(("tls.crt", "tls.key"), "unknown")
    if is_unknown(value):
        return "192.0.2.1/32" if key in ("cidr", "loadBalancerSourceRanges") else "unknown"
    if isinstance(value, dict):
        return {name: _known(item, name) for name, item in value.items()}
    return [_known(item, key) for item in value] if isinstance(value, list) else value


def _placed(body: dict[str, Any]) -> dict[str, Any]:
    if body["metadata"].get("namespace"):
        body["metadata"]["namespace"] = NAMESPACE
    return body


def _pod(body: dict[str, Any]) -> dict[str, Any] | None:
    """The pod that a workload would make, on its own: only pods are admitted by their security."""
    template = copy.deepcopy((body.get("spec") or {}).get("template"))
    if template is None:
        return None
    template["spec"].pop("serviceAccountName", None)
    template["spec"].pop("priorityClassName", None)
    claims = [item["metadata"]["name"] for item in body["spec"].get("volumeClaimTemplates") or []]
    volumes = template["spec"].setdefault("volumes", [])
    volumes += [{"name": name, "emptyDir": {}} for name in claims]
    if template["spec"].get("restartPolicy") is None:
        template["spec"]["restartPolicy"] = "Always"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {**template["metadata"], "name": "checked", "namespace": NAMESPACE},
        "spec": template["spec"],
    }


@pytest.mark.parametrize("stack", STACKS)
def test_the_server_takes_every_object_of_a_stack(api: Cluster, stack: str, tmp_path: Path) -> None:
    bodies = rendered(stack, tmp_path)
    assert len(bodies) >= 15
    pods = 0
    for body in bodies:
        api.apply(reference(body), body, dry_run=True)
        if (pod := _pod(body)) is not None:
            api.apply(reference(pod), pod, dry_run=True)
            pods += 1
    assert pods >= 2, "brokers and topology"


def test_a_misspelt_field_and_a_privileged_pod_are_refused(api: Cluster, tmp_path: Path) -> None:
    """That the checks above can fail."""
    bodies = rendered("dev", tmp_path)
    brokers = next(body for body in bodies if body["kind"] == "StatefulSet")
    misspelt = copy.deepcopy(brokers)
    misspelt["spec"]["replicaz"] = 3
    with pytest.raises(ApiError, match="replicaz"):
        api.apply(reference(misspelt), misspelt, dry_run=True)
    pod = _pod(brokers)
    assert pod is not None
    pod["spec"]["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = True
    with pytest.raises(ApiError, match=r"PodSecurity.*allowPrivilegeEscalation"):
        api.apply(reference(pod), pod, dry_run=True)
