"""What only the whole stack shows: standbys, links, budgets, protection of what holds messages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from components.settings.clouds import registry
from policies.model import Resource, StackRule
from policies.reading import at, document, maps, unknown, whole

_STATEFUL = "kubernetes:apps/v1:StatefulSet"
_BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
Findings = Iterator[tuple[str, str]]


def brokers(resources: Sequence[Resource]) -> list[Resource]:
    """StatefulSets of RabbitMQ."""
    return [item for item in resources if item.type == _STATEFUL and _component(item) == "broker"]


def _component(resource: Resource) -> Any:
    labels = at(resource.inputs, "metadata.labels")
    # The key has dots of its own, so it is no path.
    return labels.get("app.kubernetes.io/component") if isinstance(labels, dict) else None


def definitions(resources: Sequence[Resource]) -> Iterator[tuple[Resource, dict[str, Any]]]:
    """Definitions documents, as far as they are known."""
    for item in resources:
        if item.type in {"kubernetes:core/v1:Secret", "kubernetes:core/v1:ConfigMap"}:
            for key in ("stringData", "data"):
                held = item.inputs.get(key)
                text = held.get("definitions.json") if isinstance(held, dict) else None
                if text is not None and not unknown(text) and document(text):
                    yield item, document(text)


def _standby(resources: Sequence[Resource], production: bool) -> Findings:
    found = brokers(resources)
    if production and len(found) == 1:
        yield found[0].urn, "the only region has no standby: its loss is an outage without an end"
    known = list(definitions(resources))
    if production and len(found) > 1 and known:
        upstreams = [
            entry
            for _, text in known
            for entry in maps(text.get("parameters"))
            if entry.get("component") in {"federation-upstream", "shovel"}
        ]
        if not upstreams:
            yield found[0].urn, "regions are not linked: no standby gets the primary's messages"


def _budget(resources: Sequence[Resource], _: bool) -> Findings:
    budgets = [item for item in resources if item.type == _BUDGET]
    for item in resources:
        if item.type not in {_STATEFUL, "kubernetes:apps/v1:Deployment"}:
            continue
        if (whole(at(item.inputs, "spec.replicas")) or 1) < 2:
            continue
        labels = at(item.inputs, "spec.template.metadata.labels")
        namespace = at(item.inputs, "metadata.namespace")
        if unknown(labels) or any(
            at(other.inputs, "metadata.namespace") == namespace
            and _selects(at(other.inputs, "spec.selector.matchLabels"), labels)
            for other in budgets
        ):
            continue
        yield item.urn, "no PodDisruptionBudget: a node upgrade may take several brokers at once"


def _selects(selector: Any, labels: Any) -> bool:
    return bool(
        isinstance(selector, dict)
        and isinstance(labels, dict)
        and selector.items() <= labels.items()
    )


def _protected(resources: Sequence[Resource], production: bool) -> Findings:
    if not production:
        return
    holding = registry.holding()
    for item in resources:
        if item.type in holding and not item.protect:
            yield item.urn, "a change may delete it, and messages with it: it is not protected"


def _upstreams(resources: Sequence[Resource], _: bool) -> Findings:
    for item, text in definitions(resources):
        for entry in maps(text.get("parameters")):
            if entry.get("component") != "federation-upstream":
                continue
            value, name = entry.get("value") or {}, f"upstream '{entry.get('name')}'"
            if value.get("queue-type") != "quorum":
                yield item.urn, f"{name}: its queue is of one node (queue-type is not quorum)"
            if value.get("resource-cleanup-mode") != "never":
                yield item.urn, f"{name}: a broken link deletes what waits (resource-cleanup-mode)"
            if value.get("message-ttl") is None:
                yield (
                    item.urn,
                    f"{name}: what waits for a lost region is never dropped (message-ttl)",
                )
            if value.get("ack-mode", "on-confirm") != "on-confirm":
                yield item.urn, f"{name}: messages may be lost on the way (ack-mode)"
            for uri in (
                [value.get("uri")] if isinstance(value.get("uri"), str) else value.get("uri", [])
            ):
                parts = urlsplit(str(uri))
                if parts.scheme != "amqps":
                    yield item.urn, f"{name}: messages cross the WAN without TLS"
                elif parse_qs(parts.query).get("verify") != ["verify_peer"]:
                    yield (
                        item.urn,
                        f"{name}: anybody may answer in the region's place (verify_peer)",
                    )
                if parts.password:
                    yield item.urn, f"{name}: a password stands in its URI"


def _queues(resources: Sequence[Resource], production: bool) -> Findings:
    if not production:
        return
    for item, text in definitions(resources):
        for queue in maps(text.get("queues")):
            kind = at(queue, "arguments.x-queue-type")
            if kind not in {"quorum", "stream"}:
                yield (
                    item.urn,
                    f"queue '{queue.get('name')}' is not replicated ({kind or 'classic'})",
                )


def _limits(resources: Sequence[Resource], production: bool) -> Findings:
    if not production:
        return
    for item, text in definitions(resources):
        # What a new cluster boots with has no vhosts yet.
        limited = {
            entry.get("vhost")
            for entry in maps(text.get("parameters"))
            if entry.get("component") == "vhost-limits"
            and {"max-connections", "max-queues"} <= set(entry.get("value") or {})
        }
        for vhost in maps(text.get("vhosts")):
            if vhost.get("name") not in limited:
                yield item.urn, f"vhost '{vhost.get('name')}' may hold any number of queues"
        for user in maps(text.get("users")):
            if not {"max-connections", "max-channels"} <= set(user.get("limits") or {}):
                yield item.urn, f"user '{user.get('name')}' may open any number of connections"


_RIGHTS = ("configure", "write", "read")


def _backlogs(resources: Sequence[Resource], production: bool) -> Findings:
    """What waits for another region is bounded in bytes: a policy for each link's user that keeps a queue.

    Without one, the loss of a standby fills the primary's disks until its alarm stops publishers.
    """
    if not production:
        return
    for item, text in definitions(resources):
        links = _link_users(text)
        kept: dict[Any, int] = {}
        for right in maps(text.get("permissions")):
            if right.get("user") in links and right.get("configure", "^$") != "^$":
                kept[right.get("vhost")] = kept.get(right.get("vhost"), 0) + 1
        for vhost, users in kept.items():
            bounded = [
                entry
                for entry in maps(text.get("policies"))
                if entry.get("vhost") == vhost
                and str(entry.get("pattern")).startswith("^federation: ")
                and (whole(at(entry, "definition.max-length-bytes")) or 0) > 0
            ]
            if len(bounded) < users:
                yield (
                    item.urn,
                    f"vhost '{vhost}': {users} region(s) fetch from here, and {len(bounded)} "
                    "policies bound what waits for them (max-length-bytes)",
                )


def _link_users(text: dict[str, Any]) -> set[Any]:
    """Users without a password: they log in by certificate, from another region."""
    return {
        user.get("name")
        for user in maps(text.get("users"))
        if not user.get("password_hash") and not user.get("password")
    }


def _links_only_carry(resources: Sequence[Resource], _: bool) -> Findings:
    """No queue may have a name that the rights of a link's user match."""
    for item, text in definitions(resources):
        links = _link_users(text)
        for right in maps(text.get("permissions")):
            if right.get("user") not in links:
                continue
            for queue in maps(text.get("queues")):
                name = str(queue.get("name"))
                given = [key for key in _RIGHTS if re.search(str(right.get(key, "^$")), name)]
                if queue.get("vhost") == right.get("vhost") and given:
                    yield (
                        item.urn,
                        f"user '{right.get('user')}' of a link may {', '.join(given)} what is called "
                        f"'{name}', and so can read or purge that queue from another region",
                    )


RULES = (
    StackRule(
        "standby-in-production",
        "mandatory",
        "Production has a standby region that gets the primary's messages.",
        "Declare a second region, a link to it, and name it in dr.standby.",
        _standby,
    ),
    StackRule(
        "disruption-budget",
        "mandatory",
        "Workloads of several replicas have a PodDisruptionBudget.",
        "Add a PodDisruptionBudget with maxUnavailable 1.",
        _budget,
    ),
    StackRule(
        "stateful-protected",
        "mandatory",
        "In production nothing that holds messages, or opens them, can be deleted by a change.",
        "Register it with protect=True.",
        _protected,
    ),
    StackRule(
        "upstream-safe",
        "mandatory",
        "Federation upstreams keep what waits, for a bounded time, and speak verified TLS.",
        "Set queue-type quorum, resource-cleanup-mode never, message-ttl, amqps with verify_peer.",
        _upstreams,
    ),
    StackRule(
        "links-only-carry",
        "mandatory",
        "The rights of a link's user match no queue: the other region could read and purge it.",
        "Give the queue a name that no carried exchange has.",
        _links_only_carry,
    ),
    StackRule(
        "backlog-bounded",
        "mandatory",
        "In production what waits for another region is bounded in bytes.",
        "Set a policy with max-length-bytes on the queues of each downstream region.",
        _backlogs,
    ),
    StackRule(
        "limits",
        "mandatory",
        "In production every user and vhost is limited: nobody can use the brokers up.",
        "Set limits of connections, channels and queues in the definitions.",
        _limits,
    ),
    StackRule(
        "queues-replicated",
        "mandatory",
        "In production queues are quorum queues or streams.",
        "Set the queue's type to quorum.",
        _queues,
    ),
)
