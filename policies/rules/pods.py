"""Pods: what a container may do, what it gets, and which image it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policies.model import Resource, Rule
from policies.reading import at, maps, texts, true, unknown, whole

WORKLOADS = (
    "kubernetes:apps/v1:StatefulSet",
    "kubernetes:apps/v1:Deployment",
    "kubernetes:apps/v1:DaemonSet",
    "kubernetes:batch/v1:Job",
    "kubernetes:batch/v1:CronJob",
    "kubernetes:core/v1:Pod",
)


def pod_spec(resource: Resource) -> dict[str, Any]:
    """The pod of a workload, or an empty mapping if it is not known."""
    path = {
        "kubernetes:core/v1:Pod": "spec",
        "kubernetes:batch/v1:CronJob": "spec.jobTemplate.spec.template.spec",
    }.get(resource.type, "spec.template.spec")
    found = at(resource.inputs, path)
    return found if isinstance(found, dict) else {}


def _containers(pod: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for container in maps(pod.get(kind)):
            yield f"container '{container.get('name', '?')}'", container


def _privilege(resource: Resource, _: bool) -> Iterator[str]:
    for name, container in _containers(pod_spec(resource)):
        if true(at(container, "securityContext.privileged")):
            yield f"{name} is privileged"
        if at(container, "securityContext.allowPrivilegeEscalation") is not False:
            yield f"{name} may gain privileges: allowPrivilegeEscalation is not false"


def _root(resource: Resource, _: bool) -> Iterator[str]:
    pod = pod_spec(resource)
    for name, container in _containers(pod):
        own = at(container, "securityContext.runAsNonRoot")
        if not true(at(pod, "securityContext.runAsNonRoot") if own is None else own):
            yield f"{name} may run as root: runAsNonRoot is not true"
        user = at(container, "securityContext.runAsUser")
        if whole(at(pod, "securityContext.runAsUser") if user is None else user) == 0:
            yield f"{name} runs as user 0"


def _seccomp(resource: Resource, _: bool) -> Iterator[str]:
    pod = pod_spec(resource)
    for name, container in _containers(pod):
        profile = at(container, "securityContext.seccompProfile.type") or at(
            pod, "securityContext.seccompProfile.type"
        )
        if profile not in {"RuntimeDefault", "Localhost"}:
            yield f"{name} has no seccomp profile"


def _capabilities(resource: Resource, _: bool) -> Iterator[str]:
    for name, container in _containers(pod_spec(resource)):
        if "ALL" not in texts(at(container, "securityContext.capabilities.drop")):
            yield f"{name} keeps Linux capabilities"
        added = set(texts(at(container, "securityContext.capabilities.add")))
        for capability in sorted(added - {"NET_BIND_SERVICE"}):
            yield f"{name} is given the capability {capability}"


def _host(resource: Resource, _: bool) -> Iterator[str]:
    pod = pod_spec(resource)
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if true(pod.get(key)):
            yield f"the pod shares the node's namespaces: {key} is true"
    for volume in maps(pod.get("volumes")):
        if volume.get("hostPath") is not None:
            yield f"volume '{volume.get('name', '?')}' is a path of the node"


def _resources(resource: Resource, _: bool) -> Iterator[str]:
    for name, container in _containers(pod_spec(resource)):
        for path in ("requests.cpu", "requests.memory", "limits.memory"):
            if at(container, f"resources.{path}") is None:
                yield f"{name} has no resources.{path}"


def _image(resource: Resource, production: bool) -> Iterator[str]:
    for name, container in _containers(pod_spec(resource)):
        image = container.get("image")
        if not isinstance(image, str) or unknown(image) or "@sha256:" in image:
            continue
        tag = image.rsplit("/", 1)[-1].partition(":")[2]
        if tag in {"", "latest"}:
            yield f"{name} runs '{image}', which is another image whenever it is pulled"
        elif production:
            yield f"{name} runs '{image}', and whoever may push to its registry may change what that is"


def _even(resource: Resource, production: bool) -> Iterator[str]:
    count = whole(at(resource.inputs, "spec.replicas"))
    if count is None:
        return
    if count and count % 2 == 0:
        yield f"{count} replicas survive no more failures than {count - 1}"
    elif production and count == 1:
        yield "one replica: any restart of its node is an outage, and a lost volume is lost data"


def _written_secret(resource: Resource, _: bool) -> Iterator[str]:
    for name, container in _containers(pod_spec(resource)):
        for entry in maps(container.get("env")):
            key, value = str(entry.get("name", "")), entry.get("value")
            secret = re.search(r"(PASSWORD|SECRET|TOKEN|ERLANG_COOKIE|PRIVATE_KEY)$", key)
            if secret and isinstance(value, str) and value:
                yield f"{name} has the value of {key} written in its environment"


RULES = (
    Rule(
        "pod-no-privilege",
        "mandatory",
        "Containers are not privileged and can't become so.",
        "Set privileged and allowPrivilegeEscalation to false in the container's securityContext.",
        WORKLOADS,
        _privilege,
    ),
    Rule(
        "pod-not-root",
        "mandatory",
        "Containers do not run as root.",
        "Set runAsNonRoot: true and a runAsUser other than 0.",
        WORKLOADS,
        _root,
    ),
    Rule(
        "pod-seccomp",
        "mandatory",
        "Containers run under a seccomp profile.",
        "Set securityContext.seccompProfile.type to RuntimeDefault.",
        WORKLOADS,
        _seccomp,
    ),
    Rule(
        "pod-capabilities",
        "mandatory",
        "Containers drop all Linux capabilities; NET_BIND_SERVICE alone may be added.",
        "Set securityContext.capabilities.drop to [ALL].",
        WORKLOADS,
        _capabilities,
    ),
    Rule(
        "pod-not-on-host",
        "mandatory",
        "Pods share neither namespaces nor paths with their node.",
        "Take out hostNetwork, hostPID, hostIPC and hostPath volumes.",
        WORKLOADS,
        _host,
    ),
    Rule(
        "pod-resources",
        "mandatory",
        "Containers say what they need and how much memory they may have.",
        "Set resources.requests.cpu, resources.requests.memory and resources.limits.memory.",
        WORKLOADS,
        _resources,
    ),
    Rule(
        "image-pinned",
        "mandatory",
        "Images have a tag that is not latest; in production a digest.",
        "Name patch release and digest in broker.image: rabbitmq:4.3.5-management@sha256:...",
        WORKLOADS,
        _image,
    ),
    Rule(
        "odd-replicas",
        "mandatory",
        "Clusters have an odd number of nodes, and in production more than one.",
        "Set broker.replicas to 3 or 5.",
        ("kubernetes:apps/v1:StatefulSet",),
        _even,
    ),
    Rule(
        "no-secret-in-environment",
        "mandatory",
        "No secret is written in a pod's environment, where every reader of pods sees it.",
        "Mount the Secret as a file, or take the variable's value by secretKeyRef.",
        WORKLOADS,
        _written_secret,
    ),
)
