"""When an object is ready, as pulumi-kubernetes has it; and why it is not."""

from __future__ import annotations

import time
from typing import Any

from warren.errors import WarrenError
from warren.live.kubernetes import ApiError, Cluster
from warren.live.objects import ObjectRef
from warren.runs.progress import Progress

DEFAULT_SECONDS = 600
HOPELESS_SECONDS = 60.0
"""How long a pod may be in a state that seldom mends itself before `up` gives up on it."""

_HOPELESS = {
    "ImagePullBackOff",
    "ErrImageNeverPull",
    "InvalidImageName",
    "CreateContainerConfigError",
    "CrashLoopBackOff",
    "Unschedulable",
}


def pending(body: dict[str, Any]) -> str | None:
    """What the object still waits for; None when it is ready."""
    kind, status, spec = body["kind"], body.get("status") or {}, body.get("spec") or {}
    if kind in ("StatefulSet", "Deployment"):
        return _rollout(body, spec, status)
    if kind == "DaemonSet":
        wanted, have = status.get("desiredNumberScheduled", 0), status.get("numberReady", 0)
        return None if have >= wanted and _observed(body, status) else f"{have}/{wanted} ready"
    if kind == "Job":
        conditions = {
            item["type"] for item in status.get("conditions") or [] if item["status"] == "True"
        }
        return None if conditions & {"Complete", "Failed"} else "not complete"
    if kind == "Service" and spec.get("type") == "LoadBalancer":
        given = (status.get("loadBalancer") or {}).get("ingress")
        return None if given else "no address from the load balancer yet"
    if kind == "Namespace":
        return None if status.get("phase", "Active") == "Active" else "being deleted"
    return None


def _observed(body: dict[str, Any], status: dict[str, Any]) -> bool:
    return status.get("observedGeneration", 0) >= body["metadata"].get("generation", 0)


def _rollout(body: dict[str, Any], spec: dict[str, Any], status: dict[str, Any]) -> str | None:
    wanted = spec.get("replicas", 1)
    ready, updated = status.get("readyReplicas", 0), status.get("updatedReplicas", 0)
    if not _observed(body, status):
        return "its controller has not seen the change"
    revisions = status.get("currentRevision") == status.get("updateRevision")
    if body["kind"] == "StatefulSet" and wanted and not revisions and updated < wanted:
        return f"{updated}/{wanted} updated, {ready}/{wanted} ready"
    if ready < wanted or updated < wanted:
        return f"{ready}/{wanted} ready"
    return None


def wait(
    cluster: Cluster, ref: ObjectRef, body: dict[str, Any], seconds: float, progress: Progress
) -> dict[str, Any]:
    """Waits until the object is ready and gives it as it is then.

    Raises:
        WarrenError: the time ran out, a Job failed, or pods are in a state that won't mend.
    """
    annotations = body["metadata"].get("annotations") or {}
    if annotations.get("pulumi.com/skipAwait") == "true":
        return body
    seconds = float(annotations.get("pulumi.com/timeoutSeconds", seconds))
    start, said, hopeless = time.monotonic(), "", 0.0
    while (what := pending(body)) is not None:
        trouble = _trouble(cluster, ref, body)
        note = f"{ref}: {what}" + (f"; {trouble}" if trouble else "")
        if note != said:
            progress(note)
            said = note
        now = time.monotonic()
        hopeless = (hopeless or now) if _is_hopeless(trouble) else 0.0
        if hopeless and now - hopeless > HOPELESS_SECONDS:
            raise WarrenError(
                f"{ref} in context {cluster.context} does not become ready: {what}; {trouble}."
                f"{_log(cluster, ref, body)}",
                "Mend the cause and run up again; it goes on from here.",
            )
        if now - start > seconds:
            raise WarrenError(
                f"{ref} in context {cluster.context} was not ready within {seconds:.0f} s: {what}"
                f"{'; ' + trouble if trouble else ''}.",
                "Look at its pods (kubectl describe), mend the cause and run up again.",
            )
        cluster.stop.sleep(0.5)
        body = _again(cluster, ref, body)
    _refuse_failed_job(cluster, ref, body)
    return body


def _again(cluster: Cluster, ref: ObjectRef, body: dict[str, Any]) -> dict[str, Any]:
    try:
        return cluster.get(ref) or body
    except OSError:
        # A moment without the API server is no failure of the object; the limit above still holds.
        return body
    except ApiError as error:
        if error.status >= 500 or error.status == 429:
            return body
        raise


def failed(body: dict[str, Any]) -> str:
    """Why a Job failed; "" when it has not."""
    for condition in (body.get("status") or {}).get("conditions") or []:
        if (
            body["kind"] == "Job"
            and condition["type"] == "Failed"
            and condition["status"] == "True"
        ):
            return condition.get("message") or "no reason given"
    return ""


def _refuse_failed_job(cluster: Cluster, ref: ObjectRef, body: dict[str, Any]) -> None:
    if why := failed(body):
        raise WarrenError(
            f"{ref} in context {cluster.context} failed: {why}.{_log(cluster, ref, body)}",
            "Mend what the log says and run up again.",
        )


def _pods(cluster: Cluster, ref: ObjectRef, body: dict[str, Any]) -> list[dict[str, Any]]:
    labels = ((body.get("spec") or {}).get("selector") or {}).get("matchLabels")
    if body["kind"] not in ("StatefulSet", "Deployment", "DaemonSet", "Job") or not labels:
        return []
    selector = ",".join(f"{key}={value}" for key, value in labels.items())
    path = f"/api/v1/namespaces/{ref.namespace}/pods?labelSelector={selector}"
    try:
        return cluster.request("GET", path)["items"]
    except (OSError, ApiError):
        return []


def _trouble(cluster: Cluster, ref: ObjectRef, body: dict[str, Any]) -> str:
    """What keeps the first pod that is not ready, in Kubernetes' own words."""
    for pod in _pods(cluster, ref, body):
        status = pod.get("status") or {}
        name = pod["metadata"]["name"]
        for condition in status.get("conditions") or []:
            if condition["type"] == "PodScheduled" and condition["status"] == "False":
                return f"{name}: {condition.get('reason')} ({condition.get('message')})"
        for container in [
            *(status.get("initContainerStatuses") or []),
            *(status.get("containerStatuses") or []),
        ]:
            waiting = (container.get("state") or {}).get("waiting")
            if waiting and waiting.get("reason") != "PodInitializing":
                return f"{name}: {waiting.get('reason')}"
            if not container.get("ready") and (container.get("state") or {}).get("running"):
                return f"{name}: started, not ready"
    return ""


def _is_hopeless(trouble: str) -> bool:
    return any(word in trouble for word in _HOPELESS)


def _log(cluster: Cluster, ref: ObjectRef, body: dict[str, Any]) -> str:
    """The end of the log of the pod that is in trouble."""
    for pod in reversed(_pods(cluster, ref, body)):
        name = pod["metadata"]["name"]
        path = f"/api/v1/namespaces/{ref.namespace}/pods/{name}/log?tailLines=12"
        try:
            text = cluster.text("GET", path).strip()
        except (OSError, ApiError):
            continue
        if text:
            return f" The end of the log of {name}:\n{text}\n"
    return ""
