"""Consequences of changed Kubernetes objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from warren.engines.consequences.model import Change, Consequence, Rule, access
from warren.engines.values import PropertyChange


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
    if change.kind == "changed" and change.touches(r"spec\.template"):
        yield Consequence("The brokers restart one by one; clients reconnect.")


def _claims(policy: Mapping[str, str], key: str) -> str:
    if policy.get(key, "Retain") == "Retain":
        return "Their claims, and the messages on them, stay as long as the namespace does."
    return "Their claims are deleted with them, and the messages on them."


def _claim(item: PropertyChange) -> str:
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


def _secret(change: Change) -> Iterator[Consequence]:
    for section, name, text in (
        (
            "queues",
            "Queue",
            "It is deleted where it is empty and unused; else it is kept, and told of",
        ),
        ("vhosts", "Vhost", "It is deleted once no queue in it holds messages"),
    ):
        for item in change.properties:
            match = re.search(rf"definitions\.json\.{section}\[(.*)\]$", item.path)
            if match and item.kind == "remove":
                yield Consequence(f"{name} '{match[1]}' is no longer declared. {text}.", loses=True)
    for item in change.touches(r".*definitions\.json\.queues\[.*\]\.(arguments|durable)"):
        match = re.search(r"queues\[(.*)\]\.(?:arguments\.)?(.*)$", item.path)
        queue, argument = match.groups() if match else ("", item.path)
        yield Consequence(
            f"A queue keeps the arguments that it was declared with: {argument} of '{queue}' needs the "
            "queue deleted by hand first; where it exists, `up` stops and says so."
        )


def _service(change: Change) -> Iterator[Consequence]:
    if change.gone and change.old.get("spec", {}).get("type") == "LoadBalancer":
        yield Consequence("Its address goes; clients and links that know it are cut off.")
    elif change.kind == "changed":
        yield from access(change, r"spec\.loadBalancerSourceRanges", "the AMQPS entry")


def _job(change: Change) -> Iterator[Consequence]:
    if change.kind == "replaced":
        yield Consequence("The definitions are applied to the running brokers again.")


KUBERNETES: Mapping[str, Rule] = {
    "StatefulSet": _stateful_set,
    "Namespace": _namespace,
    "StorageClass": _storage_class,
    "Secret": _secret,
    "Service": _service,
    "Job": _job,
}
"""Rules by kind."""
