"""Consequences of changed Kubernetes objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from warren.comparison.consequences.access import access, at, everybody
from warren.comparison.consequences.configuration import configuration
from warren.comparison.consequences.definitions import definitions
from warren.comparison.consequences.images import RESTART, another_image
from warren.comparison.consequences.model import Change, Consequence, Rule
from warren.plan.differences import PropertyChange


def _stateful_set(change: Change) -> Iterator[Consequence]:
    if change.kind == "added":
        return
    replicas = change.old["spec"].get("replicas")
    keeps = change.old["spec"].get("persistentVolumeClaimRetentionPolicy", {})
    if change.kind == "removed":
        yield Consequence(f"Its {replicas} brokers go. {_claims(keeps, 'whenDeleted')}", loses=True)
        return
    if change.kind == "replaced":
        yield Consequence(
            "A StatefulSet can't take this change: it is deleted and made anew, and all its brokers "
            f"are down meanwhile. {_claims(keeps, 'whenDeleted')}",
            loses=True,
        )
        for item in change.touches(r"spec\.volumeClaimTemplates"):
            yield Consequence(_claim(item))
    wanted = change.new["spec"].get("replicas")
    if wanted < replicas:
        yield Consequence(
            f"{replicas - wanted} of {replicas} brokers leave. What quorum queues have on them no "
            f"longer counts: queues that have most members there stop. {_claims(keeps, 'whenScaled')}",
            loses=True,
        )
    elif wanted > replicas:
        yield Consequence(
            f"{wanted - replicas} brokers join. Quorum queues that exist get no member on them by "
            "themselves: `rabbitmq-queues grow` gives them one."
        )
    if _claims_kept(change.old) and not _claims_kept(change.new):
        yield Consequence(
            "Claims are deleted with the StatefulSet or the broker from now on, and the messages on them.",
            loses=True,
        )
    yield from _pods(change)


def _claims_kept(inputs: Mapping[str, Any]) -> bool:
    policy = inputs["spec"].get("persistentVolumeClaimRetentionPolicy") or {}
    return all(policy.get(key, "Retain") == "Retain" for key in ("whenDeleted", "whenScaled"))


def _pods(change: Change) -> Iterator[Consequence]:
    """What a changed template of pods means."""
    if not change.touches(r"spec\.template"):
        return
    images = [
        item
        for item in change.touches(r"spec\.template\.spec\.containers\[.*\]\.image$")
        if isinstance(item.old, str) and isinstance(item.new, str)
    ]
    for item in images:
        yield another_image(item.old, item.new)
    for item in change.touches(r"spec\.template\..*\.resources\.(limits|requests)\.memory$"):
        if item.new and item.old and _size(item.new) < _size(item.old):
            yield Consequence(
                f"Brokers have less memory, {item.old} -> {item.new}: the alarm that stops publishers "
                "comes sooner, and a broker that held more is killed.",
                loses=True,
            )
    if _apart(change.old) and not _apart(change.new):
        yield Consequence(
            "Brokers may share a node from now on: losing it can be losing most of them.",
            loses=True,
        )
    if change.kind == "changed" and not images:
        yield Consequence(RESTART)


def _apart(inputs: Mapping[str, Any]) -> bool:
    """Whether no two brokers may be on one node."""
    affinity = inputs["spec"]["template"]["spec"].get("affinity") or {}
    required = (affinity.get("podAntiAffinity") or {}).get(
        "requiredDuringSchedulingIgnoredDuringExecution"
    )
    return any(
        cast("dict[str, Any]", item).get("topologyKey") == "kubernetes.io/hostname"
        for item in required or []
    )


_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12} | {
    f"{unit}i": 2 ** (10 * (power + 1)) for power, unit in enumerate("KMGT")
}


def _size(quantity: object) -> float:
    """A Kubernetes quantity in bytes; 0 where it is none."""
    match = re.fullmatch(r"([0-9.]+)([KMGTk]?i?)", str(quantity))
    return float(match[1]) * _UNITS.get(match[2], 0) if match else 0


def _claims(policy: Mapping[str, str], key: str) -> str:
    if policy.get(key, "Retain") == "Retain":
        return "Their claims, and the messages on them, stay as long as the namespace does."
    return "Their claims are deleted with them, and the messages on them."


def _claim(item: PropertyChange) -> str:
    if item.path.endswith(".storage") and _size(item.new) < _size(item.old):
        return (
            f"A claim can't shrink: those that exist keep their {item.old}; only those of brokers that "
            f"come later have {item.new}."
        )
    if item.path.endswith(".storage"):
        return (
            f"Claims that exist keep their {item.old}: enlarge them to {item.new} by hand, where "
            "their class allows it."
        )
    return (
        f"Claims that exist stay as they are: only those of brokers that come later have "
        f"{item.path.rpartition('.')[2]} {item.new or '(the default)'}."
    )


def _namespace(change: Change) -> Iterator[Consequence]:
    if change.gone:
        yield Consequence(
            "Everything in it goes, claims too. Messages are lost, unless the volumes' class says "
            "Retain: then disks are left that somebody can attach again.",
            loses=True,
        )
        return
    for item in change.touches(r"metadata\.labels\.pod-security\.kubernetes\.io/enforce$"):
        if item.old == "restricted":
            yield Consequence(
                f"Pods may do more than brokers need: pod security {item.old} -> {item.new or 'none'}.",
                loses=True,
            )


def _storage_class(change: Change) -> Iterator[Consequence]:
    if change.kind == "removed":
        yield Consequence("Volumes that exist stay; new ones can't be made by it.", loses=True)
    elif change.kind == "replaced":
        yield Consequence(
            "A storage class can't be changed: another takes its name. Volumes that exist stay as "
            "they were made, what is new holds for volumes that are made later."
        )
        if change.touches(r"reclaimPolicy"):
            now = change.new.get("reclaimPolicy")
            fate = "stays as a disk" if now == "Retain" else "is deleted, messages and all"
            yield Consequence(
                f"The volume of a claim that is deleted {fate}, where it is made from then on.",
                loses=now != "Retain",
            )


def _service(change: Change) -> Iterator[Consequence]:
    balanced = _balanced(change.old)
    if balanced and (change.gone or not _balanced(change.new)):
        yield Consequence(
            "Its address goes; clients and links that know it are cut off.", loses=True
        )
        return
    if change.kind != "changed":
        return
    if _balanced(change.new):
        yield from access(change, _sources, "the AMQPS entry")
        if _inside(change.old) and not _inside(change.new):
            yield Consequence(
                "The load balancer gets an address on the internet, in the place of one inside.",
                loses=True,
            )
    for item in change.touches(r"spec\.ports\[.*\]\.port$"):
        yield Consequence(
            f"Its port becomes another, {item.old} -> {item.new}: clients that know the old one are cut "
            "off.",
            loses=True,
        )
    for item in change.touches(r"spec\.externalTrafficPolicy$"):
        if item.new == "Cluster":
            yield Consequence(
                "Brokers no longer see clients' addresses: network policies let in who comes through "
                "the balancer, whoever that is."
            )


_sources = at("spec.loadBalancerSourceRanges")


def _balanced(inputs: Mapping[str, Any]) -> bool:
    return (inputs.get("spec") or {}).get("type") == "LoadBalancer"


_INSIDE = {
    "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
    "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
    "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
    "networking.gke.io/load-balancer-type": "Internal",
    "cloud.google.com/load-balancer-type": "Internal",
}
"""Annotations of the three clouds' controllers for a balancer without an address on the internet."""


def _inside(inputs: Mapping[str, Any]) -> bool:
    annotations = (inputs.get("metadata") or {}).get("annotations") or {}
    return any(annotations.get(key) == value for key, value in _INSIDE.items())


def _network_policy(change: Change) -> Iterator[Consequence]:
    if change.with_region:
        return
    if change.kind == "removed":
        yield Consequence(
            "Nothing in the cluster keeps strangers from the brokers any more: every pod, and whoever "
            "the cluster's network lets in, reaches every port of theirs that this policy closed.",
            loses=True,
        )
        return
    if change.kind == "added":
        return
    for port, sources in _opened(change.new).items():
        before = _opened(change.old).get(port)
        if sources and not before:
            yield Consequence(f"Port {port} is opened to everybody ({sources}).", loses=True)
    for direction in ("Ingress", "Egress"):
        old, new = (
            (side.get("spec") or {}).get("policyTypes") or [] for side in (change.old, change.new)
        )
        if direction in old and direction not in new:
            yield Consequence(f"{direction} is no longer limited.", loses=True)


def _opened(inputs: Mapping[str, Any]) -> dict[str, str]:
    """Ports that everybody reaches, and by which words."""
    found: dict[str, str] = {}
    for rule in (inputs.get("spec") or {}).get("ingress") or []:
        peers = cast("list[dict[str, Any]]", rule.get("from") or [])
        ranges = [peer["ipBlock"]["cidr"] for peer in peers if "ipBlock" in peer]
        if peers and not everybody(ranges):
            continue
        for port in rule.get("ports") or [{"port": "all"}]:
            found[str(port.get("port", "all"))] = ", ".join(ranges) or "no source is named"
    return found


def _budget(change: Change) -> Iterator[Consequence]:
    if change.kind == "removed" and not change.with_region:
        yield Consequence(
            "Nothing keeps the cluster from draining several brokers at once: quorum queues stop.",
            loses=True,
        )
    for item in change.touches(r"spec\.maxUnavailable$"):
        if isinstance(item.old, int) and isinstance(item.new, int) and item.new > item.old:
            yield Consequence(
                f"The cluster may drain {item.new} brokers at once: quorum queues with most members on "
                "them stop.",
                loses=True,
            )


def _job(change: Change) -> Iterator[Consequence]:
    if change.kind == "replaced":
        yield Consequence("The definitions are applied to the running brokers again.")


KUBERNETES: Mapping[str, Rule] = {
    "StatefulSet": _stateful_set,
    "Namespace": _namespace,
    "StorageClass": _storage_class,
    "ConfigMap": configuration,
    "Secret": definitions,
    "Service": _service,
    "Job": _job,
    "NetworkPolicy": _network_policy,
    "PodDisruptionBudget": _budget,
}
"""Rules by kind."""
