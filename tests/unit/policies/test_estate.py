"""Rules that need the whole stack, each kept and broken; the repository's stacks keep them all."""

from __future__ import annotations

import json
from typing import Any

import pytest

import policies
from components.program import build
from policies import Resource
from tests.support import recorder
from tests.unit.clouds import stacks
from tests.unit.policies.case import changed
from tests.unit.policies.cases_kubernetes import SET, workload

LABELS = {"app.kubernetes.io/component": "broker"}
URI = "amqps://198.51.100.1:5671/orders?verify=verify_peer&auth_mechanism=external"
UPSTREAM: dict[str, Any] = {
    "queue-type": "quorum",
    "resource-cleanup-mode": "never",
    "message-ttl": 86400000,
    "ack-mode": "on-confirm",
    "uri": URI,
}


def broker(name: str, inputs: dict[str, Any] | None = None, protect: bool = True) -> Resource:
    return Resource(f"urn:{name}", SET, name, inputs=inputs or workload(), protect=protect)


def budget(namespace: str = "rabbitmq") -> Resource:
    inputs = {"metadata": {"namespace": namespace}, "spec": {"selector": {"matchLabels": LABELS}}}
    return Resource("urn:budget", "kubernetes:policy/v1:PodDisruptionBudget", "b", inputs=inputs)


def definitions(upstream: dict[str, Any] | None, queue: str = "quorum") -> Resource:
    entries = [{"component": "federation-upstream", "name": "use1", "value": upstream}]
    document = {
        "parameters": entries if upstream is not None else [],
        "queues": [{"name": "orders", "arguments": {"x-queue-type": queue}}],
    }
    return Resource(
        "urn:definitions",
        "kubernetes:core/v1:Secret",
        "d",
        inputs={"stringData": {"definitions.json": json.dumps(document)}},
        secret_paths={"stringData"},
    )


def broken(*resources: Resource, production: bool = True) -> set[str]:
    return {item.rule for item in policies.check(resources, production)}


WHOLE = (broker("use1"), broker("weu"), budget(), definitions(UPSTREAM))


def test_a_whole_estate_keeps_every_rule() -> None:
    assert broken(*WHOLE) == set()


def test_standby() -> None:
    assert "standby-in-production" in broken(broker("use1"), budget())
    assert "standby-in-production" in broken(*WHOLE[:3], definitions(None))
    assert "standby-in-production" not in broken(broker("use1"), budget(), production=False)


def test_budget() -> None:
    assert "disruption-budget" in broken(broker("use1"), broker("weu"))
    assert "disruption-budget" in broken(broker("use1"), budget("other"))
    alone = changed(workload(), "spec.replicas", 1)
    assert "disruption-budget" not in broken(broker("use1", alone), production=False)


def test_protection() -> None:
    bare = broker("use1", protect=False)
    assert "stateful-protected" in broken(bare, *WHOLE)
    assert "stateful-protected" not in broken(bare, *WHOLE, production=False)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("queue-type", "classic"),
        ("resource-cleanup-mode", "default"),
        ("message-ttl", None),
        ("ack-mode", "no-ack"),
        ("uri", "amqp://198.51.100.1:5672/orders"),
        ("uri", "amqps://198.51.100.1:5671/orders?verify=verify_none"),
        ("uri", [f"amqps://user:word@{URI.removeprefix('amqps://')}"]),
    ],
)
def test_upstreams(key: str, value: object) -> None:
    assert "upstream-safe" in broken(*WHOLE[:3], definitions(changed(UPSTREAM, key, value)))


@pytest.mark.parametrize("right", ["configure", "write", "read"])
@pytest.mark.parametrize("pattern", ["^(x|orders)$", ".*", "order"])
def test_a_links_rights_match_no_queue(right: str, pattern: str) -> None:
    """RabbitMQ's permissions do not tell a queue from an exchange of its name."""
    rights = {"user": "link", "vhost": "v", "configure": "^$", "write": "^$", "read": "^$"}

    def estate(user: dict[str, Any], vhost: str = "v") -> Resource:
        document = {
            "users": [{"name": "link", **user}],
            "permissions": [{**rights, right: pattern}],
            "queues": [{"vhost": vhost, "name": "orders", "arguments": {"x-queue-type": "quorum"}}],
        }
        held = {"stringData": {"definitions.json": json.dumps(document)}}
        return Resource("urn:d", "kubernetes:core/v1:Secret", "d", inputs=held)

    rule = "links-only-carry"
    assert rule in broken(estate({"password_hash": ""}))
    assert rule not in broken(estate({"password_hash": "kI3GCqW5"})), "an application's own user"
    assert rule not in broken(estate({"password_hash": ""}, "other"))


def test_queues() -> None:
    classic = definitions(UPSTREAM, "classic")
    assert "queues-replicated" in broken(*WHOLE[:3], classic)
    assert "queues-replicated" not in broken(*WHOLE[:3], classic, production=False)
    assert "queues-replicated" not in broken(*WHOLE[:3], definitions(UPSTREAM, "stream"))


@pytest.mark.parametrize("preview", [False, True], ids=["update", "preview"])
@pytest.mark.parametrize("name", list(stacks.FILES))
def test_stacks_of_this_repository_break_nothing(name: str, preview: bool) -> None:
    settings = stacks.settings(name)
    recording = recorder.record(lambda: build(settings), preview=preview)
    resources = [
        Resource(x.urn, x.type, x.name, x.parent, x.inputs, x.protect, set(x.secrets))
        for x in recording.resources
    ]
    assert len(resources) > 50
    assert policies.check(resources, settings.production) == []


def test_limits() -> None:
    document = {
        "vhosts": [{"name": "shop"}],
        "users": [{"name": "producer", "limits": {"max-connections": 9, "max-channels": 9}}],
        "parameters": [
            {
                "component": "vhost-limits",
                "vhost": "shop",
                "value": {"max-connections": 9, "max-queues": 9},
            }
        ],
    }

    def held(**changes: Any) -> Resource:
        text = json.dumps({**document, **changes})
        inputs = {"stringData": {"definitions.json": text}}
        return Resource("urn:d", "kubernetes:core/v1:Secret", "d", inputs=inputs)

    assert "limits" not in broken(held())
    assert "limits" in broken(held(parameters=[]))
    assert "limits" in broken(held(users=[{"name": "producer"}]))
    assert "limits" in broken(held(users=[{"name": "p", "limits": {"max-channels": 9}}]))
    assert "limits" not in broken(held(users=[{"name": "producer"}]), production=False)


def test_what_waits_for_another_region_is_bounded() -> None:
    right = {"user": "link", "vhost": "v", "configure": "^federation: x -> w( [AB])?$"}
    policy = {
        "vhost": "v",
        "pattern": "^federation: x -> w$",
        "definition": {"max-length-bytes": 1000},
    }

    def held(*policies: dict[str, Any]) -> Resource:
        document = {
            "users": [{"name": "link", "password_hash": ""}],
            "permissions": [right],
            "policies": list(policies),
        }
        inputs = {"stringData": {"definitions.json": json.dumps(document)}}
        return Resource("urn:d", "kubernetes:core/v1:Secret", "d", inputs=inputs)

    rule = "backlog-bounded"
    assert rule not in broken(held(policy))
    assert rule in broken(held())
    assert rule not in broken(held(), production=False)
    assert rule in broken(held({**policy, "vhost": "other"}))
    assert rule in broken(held({**policy, "pattern": "^orders$"}))
    assert rule in broken(held({**policy, "definition": {"message-ttl": 1000}}))
