"""What the tests do to Kubernetes behind warren's back."""

from __future__ import annotations

import time
from typing import Any

from tests.lab.messaging import Estate
from warren.live.kubernetes import Cluster
from warren.live.objects import ObjectRef
from warren.live.streams import execute


def cluster(estate: Estate, region: str) -> Cluster:
    """The region's API server."""
    from tests.lab.conftest import ROOT

    spec = estate.outputs["regions"][region]
    return Cluster(spec["kubeconfig"], spec["context"], ROOT)


def brokers(estate: Estate) -> ObjectRef:
    """The StatefulSet."""
    return ObjectRef("apps/v1", "StatefulSet", estate.outputs["namespace"], "rabbitmq")


def delete_pod(estate: Estate, region: str, name: str, grace: int) -> None:
    """Deletes a broker's pod and waits until all brokers are ready again."""
    api = cluster(estate, region)
    pod = ObjectRef("v1", "Pod", estate.outputs["namespace"], name)
    before = api.get(pod)
    assert before is not None
    api.request("DELETE", pod.path(), {"gracePeriodSeconds": grace})
    wait_ready(api, estate, 180, lambda: _uid(api.get(pod)) not in ("", _uid(before)))


def restart_brokers(estate: Estate, region: str, seconds: float) -> None:
    """A rolling restart, as `kubectl rollout restart` makes it; waits until it is complete."""
    api = cluster(estate, region)
    mark = {"kubectl.kubernetes.io/restartedAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    api.request(
        "PATCH",
        brokers(estate).path(),
        {"spec": {"template": {"metadata": {"annotations": mark}}}},
        "application/strategic-merge-patch+json",
    )
    wait_ready(api, estate, seconds)


def run_in_broker(estate: Estate, region: str, *command: str) -> str:
    """What a command prints that is run in the container of the region's first broker."""
    namespace = estate.outputs["namespace"]
    api = cluster(estate, region)
    done = execute(api, namespace, "rabbitmq-0", command, container="rabbitmq")
    return done.stdout + done.stderr


def wait_ready(api: Cluster, estate: Estate, seconds: float, also: Any = lambda: True) -> None:
    """Waits until the rollout is complete and every broker is ready."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        live = api.get(brokers(estate))
        assert live is not None
        status, wanted = live["status"], live["spec"]["replicas"]
        if (
            status.get("observedGeneration") == live["metadata"]["generation"]
            and status.get("readyReplicas") == wanted
            and status.get("updatedReplicas") == wanted
            and status.get("currentRevision") == status.get("updateRevision")
            and also()
        ):
            return
        time.sleep(0.5)
    raise AssertionError(f"the brokers were not all ready within {seconds:.0f} s")


def _uid(pod: dict[str, Any] | None) -> str:
    return pod["metadata"]["uid"] if pod else ""
