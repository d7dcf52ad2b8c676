"""What brokers hold against what is declared: pure, so by tables and by hypothesis."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from warren.estate.drift import MEMORY, drift, hidden_exchanges

Document = dict[str, list[dict[str, Any]]]

HASHING = "rabbit_password_hashing_sha256"


def _user(name: str, *tags: str, hashed: str | None = None) -> dict[str, Any]:
    return {
        "name": name,
        "password_hash": f"hash-of-{name}" if hashed is None else hashed,
        "hashing_algorithm": HASHING,
        "tags": list(tags),
    }


def _permission(user: str, vhost: str, read: str = "^$") -> dict[str, Any]:
    return {"user": user, "vhost": vhost, "configure": "^$", "write": "^$", "read": read}


def _policy(name: str, apply_to: str, definition: dict[str, Any], vhost: str) -> dict[str, Any]:
    return {
        "vhost": vhost,
        "name": name,
        "pattern": "^(orders)$",
        "apply-to": apply_to,
        "priority": 100,
        "definition": definition,
    }


def _exchange(name: str, vhost: str, arguments: Any, *, internal: bool = False) -> dict[str, Any]:
    return {
        "vhost": vhost,
        "name": name,
        "type": "topic",
        "durable": True,
        "auto_delete": False,
        "internal": internal,
        "arguments": arguments,
    }


def _queue(name: str, vhost: str, kind: str, arguments: Any) -> dict[str, Any]:
    return {
        "vhost": vhost,
        "name": name,
        "durable": True,
        "auto_delete": False,
        "arguments": {"x-queue-type": kind, **arguments},
    }


def _binding(to: str, name: str, vhost: str, key: str, arguments: Any) -> dict[str, Any]:
    return {
        "vhost": vhost,
        "source": "orders",
        "destination": name,
        "destination_type": to,
        "routing_key": key,
        "arguments": arguments,
    }


def _parameter(component: str, name: str, vhost: str, value: Any) -> dict[str, Any]:
    return {"vhost": vhost, "component": component, "name": name, "value": value}


def declared() -> Document:
    """A document as the topology job imports it."""
    return {
        "vhosts": [
            {"name": name, "metadata": {"default_queue_type": "quorum"}}
            for name in ("shop", "other")
        ],
        "users": [
            _user("admin", "administrator"),
            _user("monitoring", "monitoring"),
            _user("shop_in"),
            _user("link-a-b", hashed=""),
        ],
        "permissions": [
            _permission("shop_in", "shop"),
            _permission("shop_in", "other"),
            _permission("link-a-b", "shop", "^(a)$"),
        ],
        "parameters": [
            _parameter(
                "federation-upstream",
                "a",
                "shop",
                {"uri": "amqps://a/shop", "prefetch-count": 1000},
            ),
            _parameter("federation-upstream-set", "a", "shop", [{"upstream": "a"}]),
        ],
        "policies": [
            _policy(
                "warren.federation.orders", "exchanges", {"federation-upstream-set": "a"}, "shop"
            ),
            _policy("warren.queue.orders", "queues", {"max-length": 1000}, "shop"),
        ],
        "exchanges": [
            _exchange("orders", "shop", {}),
            _exchange("inner", "shop", {}, internal=True),
        ],
        "queues": [
            _queue("orders", "shop", "quorum", {}),
            _queue("audit", "shop", "stream", {"x-max-age": "1D"}),
            _queue("jobs", "other", "quorum", {}),
        ],
        "bindings": [
            _binding("queue", "orders", "shop", "a.#", {}),
            _binding("queue", "audit", "shop", "#", {"x-match": "all"}),
            _binding("exchange", "inner", "shop", "#", {}),
        ],
    }


def held(document: Document, seed: int = 0) -> Document:
    """What a broker exports that has imported this, as RabbitMQ 4.3 does it."""
    live = copy.deepcopy(document)
    for vhost in live["vhosts"]:
        vhost["metadata"] |= {"description": "", "tags": []}
        vhost["limits"] = {}
    for user in live["users"]:
        user["limits"] = {}
    live["exchanges"] = [
        {key: value for key, value in item.items() if key != "internal"}
        for item in live["exchanges"]
        if not item["internal"]
    ] + [dict(item) for item in hidden_exchanges(document)]
    for queue in live["queues"]:
        queue["type"] = queue["arguments"]["x-queue-type"]
    for binding in live["bindings"]:
        binding["arguments"] = binding["arguments"] or []
    live["global_parameters"] = [
        {"name": MEMORY, "value": {}},
        {"name": "cluster_tags", "value": []},
    ]
    live["topic_permissions"] = []
    for section in live.values():
        random.Random(seed).shuffle(section)  # noqa: S311 - an order, not a secret
    return live


def find(document: Document, section: str, **fields: Any) -> dict[str, Any]:
    return next(
        item
        for item in document[section]
        if all(item.get(key) == value for key, value in fields.items())
    )


def without(section: str, **fields: Any) -> Callable[[Document], None]:
    def change(live: Document) -> None:
        live[section].remove(find(live, section, **fields))

    return change


def with_(section: str, key: str, value: Any, **fields: Any) -> Callable[[Document], None]:
    def change(live: Document) -> None:
        find(live, section, **fields)[key] = value

    return change


CASES: dict[str, tuple[Callable[[Document], None], str]] = {
    "policy gone": (
        without("policies", name="warren.federation.orders"),
        "policy warren.federation.orders in vhost shop is missing",
    ),
    "policy changed": (
        with_("policies", "definition", {"max-length": 6, "x": 1}, name="warren.queue.orders"),
        "policy warren.queue.orders in vhost shop: max-length is 6, declared is 1000, x was added",
    ),
    "policy matches other names": (
        with_("policies", "pattern", "^$", name="warren.queue.orders"),
        "policy warren.queue.orders in vhost shop: pattern is '^$', declared is '^(orders)$'",
    ),
    "parameter gone": (
        without("parameters", component="federation-upstream"),
        "parameter federation-upstream a in vhost shop is missing",
    ),
    "parameter changed": (
        with_(
            "parameters",
            "value",
            {"uri": "amqps://me:password@b/", "prefetch-count": 1000},
            component="federation-upstream",
        ),
        "parameter federation-upstream a in vhost shop: uri is not the declared one",
    ),
    "upstream set changed": (
        with_("parameters", "value", [{"upstream": "b"}], component="federation-upstream-set"),
        "parameter federation-upstream-set a in vhost shop: its value is not the declared one",
    ),
    "permission gone": (
        without("permissions", user="shop_in", vhost="shop"),
        "permission of user shop_in in vhost shop is missing",
    ),
    "permission changed": (
        with_("permissions", "configure", ".*", user="shop_in", vhost="shop"),
        "permission of user shop_in in vhost shop: configure is '.*', declared is '^$'",
    ),
    "user gone, with its permissions": (
        lambda live: (
            without("users", name="shop_in")(live),
            without("permissions", user="shop_in", vhost="shop")(live),
            without("permissions", user="shop_in", vhost="other")(live),
        )[0],
        "user shop_in is missing, with its 2 permissions",
    ),
    "user with another tag": (
        with_("users", "tags", ["administrator"], name="shop_in"),
        'user shop_in: tags is ["administrator"], declared is []',
    ),
    "password changed": (
        with_("users", "password_hash", "c2VjcmV0", name="shop_in"),
        "user shop_in: its password is not the declared one",
    ),
    "link's user given a password": (
        with_("users", "password_hash", "c2VjcmV0", name="link-a-b"),
        "user link-a-b: its password is not the declared one",
    ),
    "exchange gone": (
        without("exchanges", name="orders"),
        "exchange orders in vhost shop is missing",
    ),
    "exchange of another type": (
        with_("exchanges", "type", "fanout", name="orders"),
        "exchange orders in vhost shop: type is 'fanout', declared is 'topic'",
    ),
    "internal exchange gone": (
        without("exchanges", name="inner"),
        "exchange inner in vhost shop is missing",
    ),
    "queue gone": (
        without("queues", name="audit"),
        "queue audit in vhost shop is missing",
    ),
    "queue with other arguments": (
        with_("queues", "arguments", {"x-queue-type": "classic"}, name="orders"),
        "queue orders in vhost shop: x-queue-type is 'classic', declared is 'quorum'",
    ),
    "binding gone": (
        without("bindings", destination="orders"),
        "binding of queue orders to exchange orders by 'a.#' in vhost shop is missing",
    ),
    "binding with other arguments": (
        with_("bindings", "arguments", {}, destination="audit"),
        "binding of queue audit to exchange orders by '#' in vhost shop with arguments "
        '{"x-match": "all"} is missing',
    ),
    "vhost with another default": (
        with_("vhosts", "metadata", {"default_queue_type": "classic"}, name="shop"),
        "vhost shop: default_queue_type is 'classic', declared is 'quorum'",
    ),
    "warren's memory gone": (
        without("global_parameters", name=MEMORY),
        "global parameter warren_declared is missing",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_drift_is_said_in_words(case: str) -> None:
    change, words = CASES[case]
    live = held(declared())
    change(live)
    assert [str(item) for item in drift(declared(), live)] == [words]


def test_what_went_with_a_vhost_is_counted_and_not_listed() -> None:
    live = {
        section: [item for item in items if "other" not in (item.get("vhost"), item.get("name"))]
        for section, items in held(declared()).items()
    }
    assert [str(item) for item in drift(declared(), live)] == [
        "vhost other is missing, with its 2 declared objects"
    ]


def test_brokers_that_hold_nothing_are_told_in_as_many_lines_as_there_are_vhosts_and_users() -> (
    None
):
    found = drift(declared(), {})
    assert {item.state for item in found} == {"missing"}
    assert [item.kind for item in found] == [
        *["vhosts"] * 2,
        *["users"] * len(declared()["users"]),
        "global_parameters",
    ]


def test_no_hash_and_no_parameter_is_ever_said() -> None:
    live = held(declared())
    for user in live["users"]:
        user["password_hash"] = "another-hash"
    for item in live["parameters"]:
        item["value"] = {"uri": "amqps://me:another-password@b/"}
    said = json.dumps([str(item) for item in drift(declared(), live)])
    assert len(drift(declared(), live)) == len(live["users"]) + len(live["parameters"])
    assert "another" not in said
    assert "hash-of" not in said


def test_what_was_added_by_hand_is_no_drift() -> None:
    live = held(declared())
    for section, items in live.items():
        if section == "global_parameters":
            continue
        for item in copy.deepcopy(items):
            key = (
                "user"
                if section == "permissions"
                else "source"
                if section == "bindings"
                else "name"
            )
            items.append(item | {key: f"by-hand-{item[key]}"})
    assert drift(declared(), live) == []


NAMES = st.text(max_size=4) | st.sampled_from(["orders", "a b", "ä/€", "'", "{name}", "%2F", "[]"])
VALUES = st.booleans() | st.integers(0, 9) | NAMES
ARGUMENTS = st.dictionaries(NAMES, VALUES, max_size=2)
SETS = st.sets(NAMES, max_size=3)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Any document, with names that are none in the settings."""
    made: Document = {
        "vhosts": [
            {"name": name, "metadata": {"default_queue_type": "quorum"}} for name in draw(SETS)
        ],
        "users": [_user(name, *draw(SETS)) for name in draw(SETS)],
    }
    vhosts = [item["name"] for item in made["vhosts"]]
    pairs = [(vhost, name) for vhost in vhosts for name in draw(SETS)]
    return made | {
        "permissions": [
            _permission(user["name"], vhost, draw(NAMES))
            for vhost in vhosts
            for user in made["users"]
        ],
        "parameters": [_parameter("shovel", name, vhost, draw(ARGUMENTS)) for vhost, name in pairs],
        "policies": [_policy(name, "queues", draw(ARGUMENTS), vhost) for vhost, name in pairs],
        "exchanges": [
            _exchange(name, vhost, draw(ARGUMENTS), internal=draw(st.booleans()))
            for vhost, name in pairs
        ],
        "queues": [_queue(name, vhost, "quorum", draw(ARGUMENTS)) for vhost, name in pairs],
        "bindings": [
            _binding(to, name, vhost, draw(NAMES), draw(ARGUMENTS))
            for vhost, name in pairs
            for to in ("queue", "exchange")
        ],
    }


@settings(deadline=None, derandomize=True, max_examples=100)
@given(documents(), st.integers(0, 99))
def test_a_document_that_was_imported_is_no_drift(document: Document, seed: int) -> None:
    assert drift(document, held(document, seed)) == []


@settings(deadline=None, derandomize=True, max_examples=100)
@given(documents(), st.data())
def test_any_object_that_goes_is_missed_and_no_other(
    document: Document, data: st.DataObject
) -> None:
    sections = [name for name, items in document.items() if items]
    assume(sections)
    live = held(document)
    section = data.draw(st.sampled_from(sections))
    live[section].remove(data.draw(st.sampled_from(live[section])))
    found = drift(document, live)
    assert [(item.kind, item.state) for item in found] == [(section, "missing")]


@settings(deadline=None, derandomize=True, max_examples=100)
@given(documents(), st.data())
def test_any_field_that_changes_is_seen(document: Document, data: st.DataObject) -> None:
    changeable = {
        "users": ["password_hash", "hashing_algorithm", "tags"],
        "permissions": ["configure", "write", "read"],
        "parameters": ["value"],
        "policies": ["pattern", "apply-to", "priority", "definition"],
        "exchanges": ["type", "durable", "arguments"],
        "queues": ["arguments"],
    }
    sections = [name for name in changeable if document[name]]
    assume(sections)
    live = held(document)
    section = data.draw(st.sampled_from(sections))
    item = data.draw(st.sampled_from(live[section]))
    key = data.draw(st.sampled_from(changeable[section]))
    item[key] = {"something": "else"} if isinstance(item[key], dict) else ["something else"]
    found = drift(document, live)
    assert [(one.kind, one.state) for one in found] == [(section, "changed")]
