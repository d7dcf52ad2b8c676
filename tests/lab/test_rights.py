"""Who may do what: every identity tries every operation on a real broker, and what is not in its row is
refused. A user with all rights tries them too, so that no cell is refused for another reason."""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import Iterator

import pytest
from pika import exceptions

from tests.lab.kube import cluster, run_in_broker
from tests.lab.messaging import VHOST, Estate
from tests.lab.operations import (
    AMQP,
    MANAGEMENT,
    OTHERS,
    SCRATCH,
    Identity,
    amqp_outcome,
    connect,
    management_outcome,
)
from warren.live.objects import ObjectRef

pytestmark = pytest.mark.lab

ROOT_USER = "matrix-root"

LINK = {
    "connect",
    "get what the link keeps",
    "bind what the link keeps",
    "unbind what the link keeps",
}
CONSUMER = {"connect", "purge the queue", "get from the queue", "consume from the queue"}
PRODUCER = {"connect", "publish"}
MAY_AMQP: dict[str, set[str]] = {
    "link": LINK,
    "producer": PRODUCER,
    "consumer": CONSUMER,
    "monitoring": set(),
    "admin": set(),
    "admin of another region": set(),
    "monitoring of another region": set(),
    "server certificate": set(),
    "server certificate of another region": set(),
    "guest": set(),
    "nobody": set(),
}
WATCHING = {"who am I", "see nodes", "list queues"}
MAKES = {
    "remove the administrator": "make an administrator",
    "remove a queue": "make a queue",
    "remove a policy": "set a policy",
}
MAY_MANAGE: dict[str, set[str]] = {
    "monitoring": WATCHING,
    # All but what would open a connection to queues: it looks after brokers and reads no messages.
    "admin": set(MANAGEMENT) - {"read a message", "publish a message"},
    "producer": set(),
    "consumer": set(),
    "admin of another region": set(),
    "monitoring of another region": set(),
    "guest": set(),
    "nobody": set(),
}


@pytest.fixture(scope="module")
def identities(estate: Estate) -> Iterator[dict[str, Identity]]:
    users, operators = estate.outputs["users"], estate.outputs["operators"]
    password = "Of-the-matrix-alone-0123456789"
    run_in_broker(estate, "east", "rabbitmqctl", "add_user", ROOT_USER, password)
    run_in_broker(estate, "east", "rabbitmqctl", "set_user_tags", ROOT_USER, "administrator")
    everything = (".*", ".*", ".*")
    run_in_broker(
        estate, "east", "rabbitmqctl", "set_permissions", "-p", VHOST, ROOT_USER, *everything
    )
    yield {
        "root": Identity(ROOT_USER, password),
        "link": _certificate(estate, "west", "links", "east.west.1.crt", "east.west.1.key"),
        "server certificate": _certificate(estate, "east", "tls", "tls.crt", "tls.key"),
        "server certificate of another region": _certificate(
            estate, "west", "tls", "tls.crt", "tls.key"
        ),
        **{name: Identity(name, users[name]) for name in ("producer", "consumer")},
        **{name: Identity(name, operators["east"][name]) for name in ("admin", "monitoring")},
        **{
            f"{name} of another region": Identity(name, operators["west"][name])
            for name in ("admin", "monitoring")
        },
        "guest": Identity("guest", "guest"),
        "nobody": Identity("nobody", "nothing"),
    }
    run_in_broker(estate, "east", "rabbitmqctl", "delete_user", ROOT_USER)
    for queue in (SCRATCH, OTHERS):
        run_in_broker(estate, "east", "rabbitmqctl", "delete_queue", "-p", VHOST, queue)


def _certificate(estate: Estate, region: str, secret: str, file: str, key: str) -> Identity:
    """What somebody would have who had taken a region's Secret."""
    ref = ObjectRef("v1", "Secret", estate.outputs["namespace"], f"rabbitmq-{secret}")
    held = cluster(estate, region).get(ref)
    assert held is not None
    data = {name: base64.b64decode(held["data"][name]).decode() for name in (file, key)}
    return Identity(certificate=data[file], key=data[key])


@pytest.mark.parametrize("operation", AMQP)
def test_the_operation_itself_works(
    clean: Estate, identities: dict[str, Identity], operation: str
) -> None:
    """With all rights; else its refusals would prove nothing."""
    assert amqp_outcome(clean, identities["root"], operation) == "done"


@pytest.mark.parametrize("operation", MANAGEMENT)
def test_the_operation_of_the_management_api_itself_works(
    estate: Estate, identities: dict[str, Identity], operation: str
) -> None:
    assert management_outcome(estate, identities["root"], operation) == "done"


@pytest.mark.parametrize("name", MAY_AMQP)
def test_over_amqps_from_outside(clean: Estate, identities: dict[str, Identity], name: str) -> None:
    found = {item for item in AMQP if amqp_outcome(clean, identities[name], item) == "done"}
    assert found == MAY_AMQP[name]


@pytest.mark.parametrize("name", MAY_MANAGE)
def test_at_the_management_api(estate: Estate, identities: dict[str, Identity], name: str) -> None:
    found: set[str] = set()
    for operation in MANAGEMENT:
        if operation in MAKES:
            # There must be something to remove, or "not there" is all that the broker says.
            management_outcome(estate, identities["root"], MAKES[operation])
        if management_outcome(estate, identities[name], operation) == "done":
            found.add(operation)
    assert found == MAY_MANAGE[name]


def test_a_links_user_can_open_no_more_than_its_links_need(
    clean: Estate, identities: dict[str, Identity]
) -> None:
    """Its certificate may leak: whoever has it must not be able to use the brokers up."""
    with contextlib.ExitStack() as stack:
        opened = 0
        with pytest.raises(exceptions.AMQPError):
            for _ in range(20):
                stack.enter_context(contextlib.closing(connect(clean, identities["link"])))
                opened += 1
        assert 1 <= opened < 4, "four for the one exchange that it carries, and the link has one"


def test_an_application_can_open_no_more_than_its_limit(estate: Estate) -> None:
    """The limits are the brokers' own; what they are is in the definitions, and here that they hold."""
    limit = '{"max-connections": 2, "max-channels": 3}'
    run_in_broker(estate, "east", "rabbitmqctl", "set_user_limits", "producer", limit)
    try:
        with contextlib.ExitStack() as stack:
            for _ in range(2):
                stack.enter_context(contextlib.closing(estate.connect("east", "producer")))
            time.sleep(1)
            with pytest.raises(exceptions.AMQPError):
                stack.enter_context(contextlib.closing(estate.connect("east", "producer")))
    finally:
        limit = '{"max-connections": 1000, "max-channels": 10000}'
        run_in_broker(estate, "east", "rabbitmqctl", "set_user_limits", "producer", limit)
