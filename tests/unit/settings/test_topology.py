"""What the broker would refuse or ignore is refused here, by its place and with a remedy."""

from __future__ import annotations

from typing import Any

import pytest

from components.settings import parse
from components.settings.arguments import ARGUMENTS, POLICIES
from tests.unit.settings.stacks import changed, errors

SHOP = "topology/vhosts/shop"


@pytest.mark.parametrize(
    ("queue", "key", "remedy"),
    [
        ({"type": "stream", "max_length": 5}, "max_length", "classic queues and quorum queues"),
        ({"type": "stream", "overflow": "drop-head"}, "overflow", "quorum"),
        ({"type": "stream", "single_active_consumer": True}, "single_active_consumer", "quorum"),
        ({"type": "stream", "message_ttl": "5m"}, "message_ttl", "quorum"),
        ({"type": "stream", "dead_letter_routing_key": "x"}, "dead_letter_routing_key", "quorum"),
        ({"type": "quorum", "max_priority": 5}, "max_priority", "classic"),
        ({"type": "classic", "delivery_limit": 5}, "delivery_limit", "quorum"),
        ({"dead_letter_routing_key": "x"}, "dead_letter_routing_key", "give both"),
        ({"arguments": {"x-max-priority": 5}}, "arguments.x-max-priority", "classic queues do"),
        ({"arguments": {"x-message-ttl": "abc"}}, "arguments.x-message-ttl", "whole number"),
        ({"arguments": {"x-message-ttl": 4294967296}}, "arguments.x-message-ttl", "4294967295"),
        ({"arguments": {"x-max-length": 1.5}}, "arguments.x-max-length", "whole number"),
        ({"arguments": {"x-max-length": True}}, "arguments.x-max-length", "whole number"),
        (
            {"type": "classic", "arguments": {"x-delivery-limit": 5}},
            "arguments.x-delivery-limit",
            "quorum queues do",
        ),
        ({"arguments": {"x-queue-type": "classic"}}, "arguments.x-queue-type", "type: classic"),
        (
            {"arguments": {"x-max-lenght": 5}},
            "arguments.x-max-lenght",
            "did you mean 'x-max-length'",
        ),
        (
            {"arguments": {"x-overflow": "reject-publish-dlx"}},
            "arguments.x-overflow",
            "reject-publish",
        ),
        ({"type": "stream", "arguments": {"x-max-age": "5 days"}}, "arguments.x-max-age", "7D"),
        ({"max_length": 5, "arguments": {"x-max-length": 6}}, "arguments.x-max-length", "already"),
    ],
)
def test_a_queue_has_what_its_type_takes(queue: dict[str, Any], key: str, remedy: str) -> None:
    lines = errors(changed(f"{SHOP}/queues/other", queue))
    path = f"warren:topology.vhosts.shop.queues.other.{key}: "
    assert any(line.startswith(path) and remedy in line for line in lines), lines


@pytest.mark.parametrize(
    ("policy", "key", "remedy"),
    [
        ({"definition": {"nonsense": 1}}, "nonsense", "no such key"),
        ({"definition": {"max-lenght": 1}}, "max-lenght", "did you mean 'max-length'"),
        ({"definition": {"max-length": 1.5}}, "max-length", "whole number"),
        ({"definition": {"overflow": "banana"}}, "overflow", "drop-head"),
        ({"definition": {"message-ttl": "5m"}}, "message-ttl", "whole number"),
        ({"definition": {"ha-mode": "all"}}, "ha-mode", "quorum queues"),
        ({"definition": {"alternate-exchange": "orders"}}, "alternate-exchange", "exchanges"),
        ({"definition": {"dead-letter-exchange": "gone"}}, "dead-letter-exchange", "no exchange"),
        (
            {"apply_to": "streams", "definition": {"delivery-limit": 5}},
            "delivery-limit",
            "quorum queues heed it",
        ),
    ],
)
def test_a_policy_has_what_rabbitmq_knows(policy: dict[str, Any], key: str, remedy: str) -> None:
    lines = errors(changed(f"{SHOP}/policies/mine", {"pattern": "^none$", **policy}))
    path = f"warren:topology.vhosts.shop.policies.mine.definition.{key}: "
    assert any(line.startswith(path) and remedy in line for line in lines), lines


@pytest.mark.parametrize(
    ("binding", "key", "remedy"),
    [
        ({"exchange": "amq.banana"}, "exchange", "declared: "),
        ({"exchange": "ordres"}, "exchange", "did you mean 'orders'"),
        ({"exchange": "hash"}, "routing_key", 'write "1"'),
        ({"exchange": "hash", "routing_key": "0"}, "routing_key", "weight"),
        ({"exchange": "hash", "routing_key": "1000000000"}, "routing_key", "weight"),
        ({"exchange": "amq.headers", "arguments": {"x-match": "some"}}, "arguments.x-match", "any"),
        ({"exchange": "orders", "routing_key": "x" * 256}, "routing_key", "255"),
    ],
)
def test_a_binding_is_one_that_the_exchange_takes(
    binding: dict[str, Any], key: str, remedy: str
) -> None:
    values = changed(f"{SHOP}/exchanges/hash", {"type": "x-consistent-hash"})
    values["topology"]["vhosts"]["shop"]["bindings"] = [{"queue": "orders.work", **binding}]
    lines = errors(values)
    path = f"warren:topology.vhosts.shop.bindings[0].{key}: "
    assert any(line.startswith(path) and remedy in line for line in lines), lines


def test_what_rabbitmq_takes_is_taken() -> None:
    values = changed(f"{SHOP}/exchanges/hash", {"type": "x-consistent-hash"})
    shop = values["topology"]["vhosts"]["shop"]
    shop["bindings"] += [
        {"exchange": "hash", "queue": "orders.work", "routing_key": "10"},
        {"exchange": "amq.topic", "queue": "orders.work", "routing_key": "a.#"},
        {"exchange": "amq.match", "queue": "orders.work", "arguments": {"x-match": "any", "a": 1}},
    ]
    shop["queues"] |= {
        "log": {"type": "stream", "max_length_bytes": 10**9, "arguments": {"x-max-age": "7D"}},
        "fast": {"type": "classic", "max_priority": 5, "arguments": {"x-expires": 60000}},
        "slow": {"delivery_limit": -1, "arguments": {"x-dead-letter-strategy": "at-least-once"}},
    }
    shop["policies"] = {"p": {"pattern": "^slow$", "definition": {"max-length": 5}}}
    assert len(parse(values, "dev").topology.vhosts["shop"].queues) == 4


def test_the_tables_name_no_type_that_there_is_not() -> None:
    for table in (ARGUMENTS, POLICIES):
        assert {kind for key in table.values() for kind in key.types} == {
            "classic",
            "quorum",
            "stream",
        }


def test_two_users_have_no_secret_in_common() -> None:
    values = changed("topology/users", {"Shop": {"role": "producer"}, "shop": {"role": "consumer"}})
    assert any("'Shop'" in line and "overwrite the other's" in line for line in errors(values))
