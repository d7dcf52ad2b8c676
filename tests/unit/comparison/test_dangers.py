"""A comparison tells real danger, and does not cry wolf: each change with the sentence that warns of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.golden.cases import Case, Config, compared, compared_case
from warren.comparison import text as comparison
from warren.comparison.compare import Comparison

Edit = Callable[[Config], object]


def _broker(**values: Any) -> Edit:
    return lambda config: config["warren:broker"].update(values)


def _service(**values: Any) -> Edit:
    return lambda config: config["warren:broker"]["service"].update(values)


def _conf(**values: Any) -> Edit:
    return lambda config: config["warren:broker"].setdefault("configuration", {}).update(values)


def _region(name: str, **values: Any) -> Edit:
    return lambda config: config["warren:regions"][name].update(values)


def _shop(config: Config) -> Any:
    return config["warren:topology"]["vhosts"]["shop"]


def _queue(**values: Any) -> Edit:
    return lambda config: _shop(config)["queues"]["orders.work"].update(values)


def _trading(**values: Any) -> Edit:
    return lambda config: config["warren:topology"]["vhosts"]["orders"]["queues"][
        "orders.work"
    ].update(values)


def _exchange(**values: Any) -> Edit:
    return lambda config: _shop(config)["exchanges"]["refunds"].update(values)


def _no_exchange(config: Config) -> None:
    shop = _shop(config)
    del shop["exchanges"]["refunds"]
    shop["bindings"].pop()


def _users(**users: Any) -> Edit:
    return lambda config: config["warren:topology"].update({"users": users})


def _dr(**values: Any) -> Edit:
    return lambda config: config["warren:dr"].update(values)


def _link(**values: Any) -> Edit:
    return lambda config: config["warren:links"][0].update(values)


def _wider_link(config: Config) -> None:
    _shop(config)["exchanges"]["extra"] = {}
    _link(exchanges="^(orders|extra)$")(config)


def _unlinked_inside(config: Config) -> None:
    """The entry is inside the cluster, which a linked region's can't be."""
    config["warren:links"].clear()
    _service(type="ClusterIP")(config)


def _azure_range(config: Config) -> None:
    config["warren:regions"]["weu"]["network"]["cidr"] = "10.40.0.0/16"


DANGERS: list[tuple[str, str, Edit, Edit | None, str]] = [
    # what, stack, change, what goes before it, the sentence
    ("downgrade", "shop", _broker(image="rabbitmq:4.2-management", version="4.2"), None,
     r"RabbitMQ goes back, rabbitmq:4\.3-management -> rabbitmq:4\.2-management: a downgrade is not"),
    ("patch downgrade", "shop", _broker(image="rabbitmq:4.3.4-management"),
     _broker(image="rabbitmq:4.3.6-management"), r"RabbitMQ goes back.*4\.3\.6.*4\.3\.4"),
    ("skipped series", "shop", _broker(image="rabbitmq:4.3-management", version="4.3"),
     _broker(image="rabbitmq:4.1-management", version="4.1"), r"skips a series.*Go through 4\.2 first"),
    ("unknown image", "shop", _broker(image="registry.example/mq@sha256:" + "a" * 64), None,
     r"don't say which way RabbitMQ's version goes"),
    ("network range", "trading", _azure_range, None,
     r"A network's range can't be changed under what stands in it \(10\.20\.0\.0/16 -> 10\.40"),
    ("domain", "shop", lambda c: c.update({"warren:domain": "amqp.example.org"}), None,
     r"Every name changes, from mq\.example\.com to amqp\.example\.org"),
    ("global name", "trading", lambda c: c["warren:naming"].update(record="broker"), None,
     r"The name amqp\.mq\.example\.com goes"),
    ("names in certificates", "shop", lambda c: c.update({"warren:domain": "amqp.example.org"}), None,
     r"The certificate no longer says amqp\.mq\.example\.com, east\.mq\.example\.com"),
    ("global name off", "trading", lambda c: c.pop("warren:naming"), None,
     r"The name amqp\.mq\.example\.com goes"),
    ("ttl", "shop", _queue(message_ttl="1s"), _queue(message_ttl="7d"),
     r"message-ttl 7 d -> 1 s: messages of that age expire at once"),
    ("first ttl", "shop", _queue(message_ttl="1h"), None, r"message-ttl none -> 1 h"),
    ("shorter queue", "trading", _trading(max_length=10, overflow="drop-head"), None,
     r"max-length 5,000,000 -> 10: what a queue holds beyond that is dropped at once"),
    ("drop-head", "trading", _trading(overflow="drop-head"), None,
     r"overflow reject-publish -> drop-head: a full queue drops its oldest"),
    ("default overflow", "shop", _queue(max_length=10), None,
     r"max-length 1,000 -> 10: what a queue holds beyond that is dropped"),
    ("bytes", "shop", _queue(max_length_bytes=1000), None, r"max-length-bytes none -> 1,000"),
    ("dead letters", "shop", lambda c: _shop(c)["queues"]["orders.work"].pop("dead_letter_exchange"),
     _queue(dead_letter_exchange="refunds"), r"dead-letter-exchange refunds -> none"),
    ("delivery limit", "shop", _queue(delivery_limit=2), None, r"delivery-limit 20 -> 2.*dropped"),
    ("exchange removed", "shop", _no_exchange, None, r"Exchange 'shop/refunds' is no longer declared"),
    ("exchange retyped", "shop", _exchange(type="fanout"), None,
     r"Exchange 'shop/refunds' keeps the type that it was declared with \(topic\).*fanout"),
    ("queue retyped", "shop", _queue(type="classic"), None,
     r"Queue 'shop/orders\.work' keeps the x-queue-type that it was declared with \(quorum\).*classic"),
    ("binding removed", "shop", lambda c: _shop(c)["bindings"].pop(), None,
     r"Binding 'shop/refunds -> refunds by '#'' goes: queue 'refunds' gets no more"),
    ("vhost removed", "shop", lambda c: c["warren:topology"]["vhosts"].pop("audit"), None,
     r"Vhost 'audit' is no longer declared"),
    ("network policies off", "shop", _broker(network_policies=False), None,
     r"Nothing in the cluster keeps strangers from the brokers"),
    ("primary without epoch", "shop", _dr(primary="west", standby=["east"]), None,
     r"The primary becomes west, and the epoch stays 1.*Set dr\.epoch to 2"),
    ("epoch lowered", "shop", _dr(epoch=2), _dr(epoch=3), r"The epoch goes back, 3 -> 2"),
    ("no standby", "shop", _dr(standby=[]), None, r"No standby any more: west\. Nobody is left"),
    ("entry for everybody", "shop", _service(allowed_sources=["0.0.0.0/0"]), None,
     r"The AMQPS entry is opened to everybody"),
    ("policy for everybody", "shop", _service(allowed_sources=["0.0.0.0/0"]), None,
     r"Port 5671 is opened to everybody"),
    ("entry gone", "trading", _unlinked_inside, None, r"Its address goes; clients and links"),
    ("administrator", "shop", _users(producer={"role": "administrator"}, consumer={"role": "consumer"}),
     None, r"User 'producer' becomes an administrator"),
    ("new administrator", "shop", _users(producer={"role": "producer"}, consumer={"role": "consumer"},
     boss={"role": "administrator"}), None, r"User 'boss' becomes an administrator"),
    ("link removed", "shop", lambda c: c["warren:links"].clear(), None,
     r"Link east -> west \(vhost shop\) goes: .*west is a standby: promoted, it lacks"),
    ("link ttl", "shop", _link(message_ttl="1s"), _link(message_ttl="7d"),
     r"Link .*message-ttl 7 d -> 1 s: what waits for it longer is lost"),
    ("link ack", "shop", _link(ack_mode="no-ack"), None, r"ack-mode on-confirm -> no-ack"),
    ("link narrowed", "shop", _link(exchanges="^orders$"), _wider_link,
     r"made links carry what matches '\^\(extra\)\$'; they no longer do"),
    ("reclaim", "trading", _region("use1", storage={"reclaim": "Delete"}), None,
     r"is deleted, messages and all"),
    ("protection", "trading", _region("weu", protect=False), None, r"Its protection ends"),
    ("fewer brokers", "shop", _broker(replicas=1), None, r"2 of 3 brokers leave"),
    ("smaller disk", "shop", _broker(storage="5Gi"), None, r"A claim can't shrink: those that exist"),
    ("less memory", "shop", _broker(resources={"memory": "1Gi"}), None, r"Brokers have less memory"),
    ("brokers together", "shop", _broker(placement={"host": "preferred"}), None,
     r"Brokers may share a node"),
    ("smaller messages", "shop", _conf(max_message_size=2048), None,
     r"max_message_size 16777216 -> 2048: larger messages close"),
    ("faster consumers", "shop", _conf(consumer_timeout=60000), None, r"consumer_timeout .*-> 60000"),
    ("smaller disk alarm", "shop", _conf(disk_free_limit="1Gi"), None, r"disk_free_limit\.absolute"),
    ("policy pattern", "shop", lambda c: _shop(c).update(
        policies={"old": {"pattern": "^refunds$", "definition": {"expires": 60000}}}), None,
     r"expires none -> 1 min: a queue without consumers is deleted"),
    ("kubernetes goes back", "trading", _region("use1", kubernetes="1.34"), None,
     r"Kubernetes goes back, 1\.[0-9]+ -> 1\.34"),
]  # fmt: skip


def sentences(found: Comparison) -> list[str]:
    """What stands in the box of dangers."""
    return [
        *found.dangers,
        *(text for item in found.differences if item.dangerous for text in item.consequences),
    ]


@pytest.mark.parametrize(
    ("stack", "change", "before", "sentence"),
    [case[1:] for case in DANGERS],
    ids=[case[0] for case in DANGERS],
)
def test_a_danger_is_told(stack: str, change: Edit, before: Edit | None, sentence: str) -> None:
    found = compared_case(Case(stack, change), before)
    told = sentences(found)
    assert any(re.search(sentence, text) for text in told), told
    assert comparison.LOUD.upper() in comparison.text(found)
    assert comparison.LOUD in comparison.markdown(found)


def test_a_user_that_loses_a_vhost() -> None:
    users = {"producer": {"role": "producer", "vhosts": ["shop"]}, "consumer": {"role": "consumer"}}
    found = compared_case(Case("shop", _users(**users)))
    assert "User 'producer' is shut out of vhost 'audit'." in sentences(found)


def test_a_region_that_goes_is_told_once() -> None:
    """What goes with it by necessity is no danger of its own."""
    told = comparison.text(compared("removed-region"))
    assert "removed: region weu" in told
    assert "keeps strangers from the brokers" not in told
    assert "may do nothing" not in told


def test_a_downgrade_is_never_a_rolling_restart() -> None:
    found = compared_case(Case("shop", _broker(image="rabbitmq:4.2-management", version="4.2")))
    assert "restart one by one" not in comparison.text(found)


HARMLESS: list[tuple[str, str, Edit, Edit | None]] = [
    ("patch upgrade", "shop", _broker(image="rabbitmq:4.3.7-management"),
     _broker(image="rabbitmq:4.3.6-management")),
    ("next series", "shop", _broker(image="rabbitmq:4.3-management", version="4.3"),
     _broker(image="rabbitmq:4.2-management", version="4.2")),
    ("longer ttl", "shop", _queue(message_ttl="7d"), _queue(message_ttl="1d")),
    ("longer queue", "shop", _queue(max_length=2000), None),
    ("publishers refused sooner", "trading", _trading(max_length=10), None),
    ("new queue with limits", "shop", lambda c: _shop(c)["queues"].update(
        fresh={"max_length": 10, "message_ttl": "1s"}), None),
    ("new exchange", "shop", lambda c: _shop(c)["exchanges"].update(fresh={}), None),
    ("new vhost", "shop", lambda c: c["warren:topology"]["vhosts"].update(
        fresh={"exchanges": {"a": {}}, "queues": {"a": {}}}), None),
    ("failover", "shop", _dr(primary="west", standby=["east"], epoch=2), None),
    ("narrower entry", "shop", _service(allowed_sources=["10.1.0.0/16"]), None),
    ("more memory", "shop", _broker(resources={"memory": "8Gi"}), None),
    ("new producer", "shop", _users(producer={"role": "producer"}, consumer={"role": "consumer"},
     till={"role": "producer"}), None),
    ("network policies on", "shop", lambda c: c["warren:broker"].pop("network_policies"),
     _broker(network_policies=False)),
    ("larger messages", "shop", _conf(max_message_size=33554432), None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("stack", "change", "before"), [case[1:] for case in HARMLESS], ids=[x[0] for x in HARMLESS]
)
def test_what_is_harmless_is_no_danger(stack: str, change: Edit, before: Edit | None) -> None:
    found = compared_case(Case(stack, change), before)
    assert not found.nothing
    assert sentences(found) == []
