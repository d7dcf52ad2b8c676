"""Definitions: least privilege, hashes, links, as RabbitMQ will read them."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.links import Estate, Upstream, definitions_for
from components.links.graph import room
from components.settings.clouds.existing import ExistingRegion
from components.settings.links import FederationLink
from components.settings.topology import Policy, Queue, Topology, User, Vhost
from components.topology.definitions import LinkDefinitions, any_of, definitions
from components.topology.passwords import boot_definitions, password_hash


def topology(**vhost: object) -> Topology:
    content = {
        "exchanges": {"orders": {}, "audit": {"internal": True}},
        "queues": {"orders": {}},
        "bindings": [{"exchange": "orders", "queue": "orders"}],
    } | vhost
    return Topology.model_validate({"vhosts": {"shop": content}})


def rights(role: str) -> dict[str, str]:
    document = definitions(
        topology(), {"u": User.model_validate({"role": role})}, {"u": "p"}, LinkDefinitions()
    )
    return document["permissions"][0]


def test_the_hash_is_rabbitmqs_own() -> None:
    # RabbitMQ, "Credentials and Passwords": salt 908DC60A, password test12.
    salt = bytes.fromhex("908DC60A")
    documented = "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"
    assert base64.b64encode(salt + hashlib.sha256(salt + b"test12").digest()).decode() == documented
    made = base64.b64decode(password_hash("u", "test12"))
    assert made[4:] == hashlib.sha256(made[:4] + b"test12").digest()
    assert password_hash("u", "test12") == password_hash("u", "test12")


def test_a_producer_only_writes_and_not_to_internal_exchanges() -> None:
    assert (rights("producer")["configure"], rights("producer")["read"]) == ("^$", "^$")
    assert re.search(rights("producer")["write"], "orders")
    for name in ("audit", "amq.default", "orders2", ""):
        assert not re.search(rights("producer")["write"], name or "x")


def test_a_consumer_only_reads_declared_queues() -> None:
    assert (rights("consumer")["configure"], rights("consumer")["write"]) == ("^$", "^$")
    assert re.search(rights("consumer")["read"], "orders")
    assert not re.search(rights("consumer")["read"], "federation: orders -> west")


def test_monitoring_touches_no_message() -> None:
    assert {rights("monitoring")[key] for key in ("configure", "write", "read")} == {"^$"}


def test_passwords_enter_as_hashes() -> None:
    document = definitions(
        topology(), {"u": User(role="producer")}, {"u": "plain-text"}, LinkDefinitions()
    )
    assert "plain-text" not in str(document)


def test_a_queues_settings_are_a_policy_merged_with_the_users_that_would_have_won() -> None:
    vhost = Vhost(
        queues={"orders": Queue(max_length=5)},
        policies={
            "low": Policy(pattern=".*", definition={"delivery-limit": 3}),
            "high": Policy(
                pattern="^o", priority=7, definition={"max-length": 9, "message-ttl": 1}
            ),
        },
    )
    document = definitions(Topology(vhosts={"shop": vhost}), {}, {}, LinkDefinitions())
    own = next(item for item in document["policies"] if item["name"] == "warren.queue.orders")
    assert own["definition"] == {"max-length": 5, "message-ttl": 1}
    assert own["priority"] > 99
    assert document["queues"][0]["arguments"] == {"x-queue-type": "quorum"}


@given(st.lists(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True), unique=True))
def test_a_pattern_of_names_matches_them_and_nothing_else(names: list[str]) -> None:
    for name in names:
        assert re.search(any_of(names), name)
        assert name + "x" in names or not re.search(any_of(names), name + "x")
    assert not re.search(any_of(names), "an other")


LINK = FederationLink.model_validate(
    {"from": "east", "to": "west", "vhost": "shop", "exchanges": "^orders$"}
)
UPSTREAMS = {
    name: Upstream(f"10.0.0.{number}", 5671, f"{name}.rabbit.lab")
    for number, name in enumerate(("east", "west", "north"), 1)
}
CLUSTERS = {name: f"warren-dev-{name}" for name in UPSTREAMS}
ESTATE = Estate(topology(), UPSTREAMS, CLUSTERS, dict.fromkeys(UPSTREAMS, 1000))


def test_the_upstream_sets_every_key_whose_default_is_wrong() -> None:
    found = definitions_for("west", [LINK], ESTATE)
    value = next(i for i in found.parameters if i["component"] == "federation-upstream")["value"]
    assert value["queue-type"] == "quorum"
    assert value["resource-cleanup-mode"] == "never"
    assert value["reconnect-delay"] == 5
    assert value["ack-mode"] == "on-confirm"
    assert value["max-hops"] == 1
    assert value["message-ttl"] == 24 * 3600 * 1000


def test_the_uri_proves_who_it_is_and_checks_whom_it_meets() -> None:
    parts = urlsplit(ESTATE.uri(LINK, 10))
    query = {key: value[0] for key, value in parse_qs(parts.query).items()}
    assert (parts.scheme, parts.username, parts.password) == ("amqps", None, None)
    assert unquote(parts.path) == "/shop"
    assert query["verify"] == "verify_peer"
    assert query["auth_mechanism"] == "external"
    assert query["server_name_indication"] == "east.rabbit.lab"
    assert query["certfile"].endswith("/east.west.1.crt")


def test_the_default_vhost_is_one_escaped_path_segment() -> None:
    link = LINK.model_copy(update={"vhost": "/"})
    assert urlsplit(ESTATE.uri(link, 10)).path == "/%2F"


def test_a_links_user_has_no_password_and_only_its_own_rights() -> None:
    found = definitions_for("east", [LINK], ESTATE)
    assert found.users[0] | {"hashing_algorithm": ""} == {
        "name": "link:east.west:1",
        "password_hash": "",
        "hashing_algorithm": "",
        "tags": [],
        "limits": {"max-connections": 4, "max-channels": 16},
    }
    permission = found.permissions[0]
    assert re.search(permission["read"], "orders")
    for own in ("", " A", " B"):
        assert re.search(permission["configure"], f"federation: orders -> warren-dev-west{own}")
    for key in ("configure", "write"):
        assert not re.search(permission[key], "orders")
    for key in ("configure", "write", "read"):
        for other in (
            "federation: orders -> warren-dev-north",
            "federation: orders -> warren-dev-west2",
            "federation: other -> warren-dev-west",
            "x federation: orders -> warren-dev-west",
        ):
            assert not re.search(permission[key], other), "kept for another region, or not carried"
    assert not found.parameters, "the upstream region dials nobody"


@given(
    st.sets(
        st.tuples(st.sampled_from(list(UPSTREAMS)), st.sampled_from(list(UPSTREAMS))).filter(
            lambda pair: pair[0] != pair[1]
        )
    )
)
def test_any_graph_of_links_gives_each_region_what_it_needs(pairs: set[tuple[str, str]]) -> None:
    links = [
        FederationLink.model_validate(
            {"from": a, "to": b, "vhost": "shop", "exchanges": "^orders$"}
        )
        for a, b in sorted(pairs)
    ]
    for region in UPSTREAMS:
        found = definitions_for(region, links, ESTATE)
        dialled = {
            item["name"] for item in found.parameters if item["component"] == "federation-upstream"
        }
        assert dialled == {a for a, b in pairs if b == region}
        assert {item["name"] for item in found.users} == {
            f"link:{a}.{b}:1" for a, b in pairs if a == region
        }
        # One exchange takes one policy, however many upstreams it has.
        federating = [item for item in found.policies if item["apply-to"] == "exchanges"]
        assert len(federating) == (1 if dialled else 0)
        for policy in federating:
            name = policy["definition"]["federation-upstream-set"]
            members = next(
                item
                for item in found.parameters
                if item["name"] == name and item["component"] == "federation-upstream-set"
            )["value"]
            assert {item["upstream"] for item in members} == dialled


@pytest.mark.parametrize("bad", ["ha-mode", "federation-upstream"])
def test_policies_of_another_age_or_of_links_are_refused(bad: str) -> None:
    with pytest.raises(ValueError, match=bad):
        Policy(pattern=".*", definition={bad: "all"})


def test_who_looks_after_brokers_opens_no_connection_and_others_a_limited_number() -> None:
    roles = {
        "a": User(role="administrator"),
        "m": User(role="monitoring"),
        "p": User(role="producer"),
        "c": User.model_validate({"role": "consumer", "limits": {"max_connections": 7}}),
    }
    document = definitions(topology(), roles, dict.fromkeys(roles, "x"), LinkDefinitions())
    limits = {user["name"]: user["limits"] for user in document["users"]}
    assert limits["a"] == limits["m"] == {"max-connections": 0, "max-channels": 0}
    assert limits["p"] == {"max-connections": 1000, "max-channels": 10_000}
    assert limits["c"]["max-connections"] == 7
    boot = json.loads(boot_definitions("admin", "x"))["users"]
    assert [user["limits"]["max-connections"] for user in boot] == [0], "from the first moment"


def test_vhosts_are_limited() -> None:
    document = definitions(topology(limits={"max_queues": 9}), {}, {}, LinkDefinitions())
    assert document["parameters"] == [
        {
            "vhost": "shop",
            "component": "vhost-limits",
            "name": "limits",
            "value": {"max-connections": 5000, "max-queues": 9},
        }
    ]


def test_a_links_user_is_limited_by_what_its_links_carry() -> None:
    both = LINK.model_copy(update={"exchanges": "^orders$|^audit2$"})
    exchanges: dict[str, object] = {"orders": {}, "audit2": {}}
    for link, count in ((LINK, 4), (both, 8)):
        content = topology(exchanges=exchanges)
        found = definitions_for("east", [link], dataclasses.replace(ESTATE, topology=content))
        assert found.users[0]["limits"] == {"max-connections": count, "max-channels": 4 * count}


@pytest.mark.parametrize("declared", ["500M", None])
def test_what_waits_for_another_region_is_bounded_without_a_word_from_its_link(
    declared: str | None,
) -> None:
    """The link's user declares the queue and could leave the arguments out: a policy can't be."""
    link = LINK.model_copy(update={"max_backlog": declared})
    found = definitions_for("east", [link], ESTATE)
    (policy,) = found.policies
    for name, bounded in (
        ("federation: orders -> warren-dev-west", True),
        ("federation: orders -> warren-dev-north", False),
        ("orders", False),
        ("orders.work", False),
    ):
        assert bool(re.search(policy["pattern"], name)) is bounded
    assert policy["apply-to"] == "queues"
    assert policy["definition"] == {
        "max-length-bytes": 500_000_000 if declared else 1000,
        # With reject-publish a full one would have the primary's publishers nacked.
        "overflow": "drop-head",
        "message-ttl": 24 * 3600 * 1000,
    }
    assert not definitions_for("north", [link], ESTATE).policies


def test_what_waits_has_at_most_half_of_the_volumes_room() -> None:
    regions = {
        name: ExistingRegion.model_validate(
            {
                "cloud": "existing",
                "context": name,
                "broker": {"storage": "10G", "configuration": {"disk_free_limit": "2G"}},
            }
        )
        for name in ("east", "west")
    }
    to_west, to_north = (
        FederationLink.model_validate(
            {"from": "east", "to": to, "vhost": "shop", "exchanges": ".*"}
        )
        for to in ("west", "north")
    )
    two, five = (
        topology(exchanges={f"e{number}": {} for number in range(count)}, bindings=[])
        for count in (2, 5)
    )
    assert room(regions, [to_west, to_north], two) == {"east": 10**9, "west": 10**9}
    assert room(regions, [to_west, to_north], five) == {"east": 4 * 10**8, "west": 10**9}


def test_another_generation_has_another_user_and_another_file() -> None:
    second = dataclasses.replace(ESTATE, generations={"west": 2})
    users = [
        {item["name"] for item in definitions_for("east", [LINK], estate).users}
        for estate in (ESTATE, second)
    ]
    assert users == [{"link:east.west:1"}, {"link:east.west:2"}]
    assert "certfile=/etc/rabbitmq-links/east.west.2.crt" in second.uri(LINK, 10)
    other = dataclasses.replace(ESTATE, generations={"north": 2})
    assert definitions_for("east", [LINK], other) == definitions_for("east", [LINK], ESTATE)
