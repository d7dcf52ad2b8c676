"""The namespace's NetworkPolicies, enforced by the lab: what nobody needs does not get through."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.conftest import ROOT
from tests.lab.kube import brokers, cluster
from tests.lab.messaging import Estate
from warren.live.kubernetes import Cluster
from warren.live.objects import ObjectRef, reference

pytestmark = pytest.mark.lab

IMAGE = "lab.local/rabbitmq:4.3"
PORTS = (4369, 5671, 5672, 15671, 15691, 25672)


def _probe(targets: dict[str, tuple[str, int]]) -> str:
    """A shell script that says of each target whether it answers."""
    lines = [
        f"(timeout 4 bash -c '</dev/tcp/{host}/{port}' 2>/dev/null"
        f" && echo {name} open || echo {name} closed) &"
        for name, (host, port) in targets.items()
    ]
    return "\n".join([*lines, "wait"])


def _answers(text: str) -> dict[str, bool]:
    found = dict(line.split() for line in text.splitlines() if line.endswith(("open", "closed")))
    return {name: word == "open" for name, word in found.items()}


@pytest.fixture(scope="module")
def broker_address(estate: Estate) -> str:
    pod = ObjectRef("v1", "Pod", estate.outputs["namespace"], "rabbitmq-0")
    live = cluster(estate, "east").get(pod)
    assert live is not None
    return live["status"]["podIP"]


@pytest.fixture(params=["stranger", "client", "metrics"])
def guest(estate: Estate, request: pytest.FixtureRequest) -> Iterator[tuple[str, Cluster]]:
    """A namespace without a label, or with one of those that open a door."""
    api = cluster(estate, "east")
    labels = {} if request.param == "stranger" else {f"warren/{request.param}": "true"}
    name = f"guest-{request.param}"
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    api.apply(reference(body), body)
    yield request.param, api
    api.delete(reference(body))


def _run(api: Cluster, namespace: str, script: str) -> str:
    """The output of a script in a pod."""
    body: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "probe", "namespace": namespace},
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "containers": [
                {
                    "name": "probe",
                    "image": IMAGE,
                    "imagePullPolicy": "Never",
                    # The firewall knows a pod's address a moment after the pod begins.
                    "command": ["bash", "-c", f"sleep 3\n{script}"],
                }
            ],
        },
    }
    account = ObjectRef("v1", "ServiceAccount", namespace, "default")
    end = time.monotonic() + 60
    while api.get(account) is None and time.monotonic() < end:
        time.sleep(0.2)
    ref = reference(body)
    api.apply(ref, body)
    while time.monotonic() < end:
        live = api.get(ref)
        assert live is not None
        if live.get("status", {}).get("phase") in ("Succeeded", "Failed"):
            return api.text("GET", f"{ref.path()}/log")
        time.sleep(0.5)
    raise AssertionError(f"the probe in {namespace} did not end")


def test_each_namespace_reaches_what_its_label_opens(
    broker_address: str, guest: tuple[str, Cluster]
) -> None:
    kind, api = guest
    targets = {str(port): (broker_address, port) for port in PORTS}
    found = _answers(_run(api, f"guest-{kind}", _probe(targets)))
    assert found.keys() == targets.keys(), "a probe that says nothing proves nothing"
    # dev declares 10.0.0.0/8 as its clients, and leaves the pods in it out.
    opened = {"stranger": set[str](), "client": {"5671"}, "metrics": {"15691"}}[kind]
    assert {port for port, is_open in found.items() if is_open} == opened


def test_brokers_reach_each_other_and_the_other_regions_entry_alone(estate: Estate) -> None:
    namespace = estate.outputs["namespace"]
    live = cluster(estate, "east").get(brokers(estate))
    assert live is not None
    regions = estate.outputs["regions"]
    server = cluster(estate, "east").server.removeprefix("https://").partition(":")[0]
    peer = f"rabbitmq-1.{live['spec']['serviceName']}.{namespace}.svc"
    targets = {
        "peer": (peer, 25672),
        "upstream": (regions["west"]["host"], 5671),
        "api": (server, 6443),
        "upstream-api": (regions["west"]["host"], 6443),
        "metadata": ("169.254.169.254", 80),
    }
    command = ["kubectl", "east", "exec", "-n", namespace, "rabbitmq-0", "-c", "rabbitmq", "--"]
    done = subprocess.run(
        [sys.executable, "-m", "lab", *command, "bash", "-c", _probe(targets)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    found = _answers(done.stdout)
    assert found.keys() == targets.keys(), done.stderr
    assert {name for name, is_open in found.items() if is_open} == {"peer", "upstream"}
