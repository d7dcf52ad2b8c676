"""Operations that a client of the brokers may try, and how the broker's answer is understood."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pika
from pika import credentials, exceptions
from pika.adapters.blocking_connection import BlockingChannel

from tests.lab.kube import cluster
from tests.lab.messaging import EXCHANGE, QUEUE, VHOST, Estate
from warren.live.rabbitmq import PORT
from warren.live.streams import forwarded

Outcome = Literal["done", "refused"]

SCRATCH = "matrix.scratch"
CARRIED = f"federation: {EXCHANGE} -> warren-dev-west"
"""What the link from east to west keeps in east."""
OTHERS = f"federation: {EXCHANGE} -> warren-dev-north"
"""What a link to another region would keep there."""

_REFUSED = {403, 530}
"""ACCESS_REFUSED, and NOT_ALLOWED for a connection (AMQP 0-9-1, reply codes)."""
_PERMITTED = {406, 540}
"""PRECONDITION_FAILED and NOT_IMPLEMENTED: said only to who has the right; it harms nothing."""


@dataclass(frozen=True)
class Identity:
    """Who tries: a user with a password, or a certificate with its key (PEM)."""

    user: str = ""
    password: str = ""
    certificate: str = ""
    key: str = ""


class External(credentials.ExternalCredentials):
    """Logs in with the certificate."""

    def response_for(self, start: Any) -> tuple[str | None, bytes | None]:
        if b"EXTERNAL" not in start.mechanisms.split():
            return None, None
        return "EXTERNAL", b""


def connect(estate: Estate, identity: Identity, vhost: str = VHOST) -> pika.BlockingConnection:
    """A connection to east's public entry."""
    spec = estate.outputs["regions"]["east"]
    context = ssl.create_default_context(cadata=estate.outputs["ca"])
    if identity.certificate:
        with tempfile.TemporaryDirectory() as name:
            file = Path(name) / "both.pem"
            file.touch(0o600)
            file.write_text(f"{identity.certificate}\n{identity.key}")
            context.load_cert_chain(file)
    return pika.BlockingConnection(
        pika.ConnectionParameters(
            spec["host"],
            int(spec["port"]),
            vhost,
            External()
            if identity.certificate
            else pika.PlainCredentials(identity.user, identity.password),
            ssl_options=pika.SSLOptions(context, spec["host"]),
            socket_timeout=5,
            stack_timeout=10,
        )
    )


def _published(exchange: str, key: str) -> Callable[[BlockingChannel], Any]:
    def publish(channel: BlockingChannel) -> None:
        channel.confirm_delivery()
        channel.basic_publish(exchange, key, b"matrix")

    return publish


def _got(queue: str) -> Callable[[BlockingChannel], Any]:
    """Gets a message and puts it back."""

    def get(channel: BlockingChannel) -> None:
        method, _, _ = channel.basic_get(queue)
        if method is not None:
            channel.basic_nack(method.delivery_tag, requeue=True)

    return get


def _consumed(channel: BlockingChannel) -> None:
    channel.basic_cancel(channel.basic_consume(QUEUE, lambda *_: None))


AMQP: dict[str, Callable[[BlockingChannel], Any]] = {
    "connect": lambda _: None,
    "declare a queue": lambda c: c.queue_declare(SCRATCH, durable=True),
    "declare another region's upstream queue": lambda c: c.queue_declare(OTHERS, durable=True),
    "declare an exchange": lambda c: c.exchange_declare(SCRATCH, "fanout"),
    "redeclare the exchange": lambda c: c.exchange_declare(EXCHANGE, "topic", durable=True),
    "delete the exchange": lambda c: c.exchange_delete(EXCHANGE, if_unused=True),
    # A quorum queue that is asked to be empty says, to who may delete it, that it can't be asked so.
    "delete the queue": lambda c: c.queue_delete(QUEUE, if_empty=True),
    "purge the queue": lambda c: c.queue_purge(QUEUE),
    "get from the queue": _got(QUEUE),
    "consume from the queue": _consumed,
    "bind the queue": lambda c: c.queue_bind(QUEUE, EXCHANGE, SCRATCH),
    "unbind the queue": lambda c: c.queue_unbind(QUEUE, EXCHANGE, SCRATCH),
    "bind the exchange": lambda c: c.exchange_bind(EXCHANGE, "amq.topic", SCRATCH),
    "publish": _published(EXCHANGE, SCRATCH),
    "publish by the default exchange": _published("", QUEUE),
    "publish by amq.topic": _published("amq.topic", SCRATCH),
    "get what the link keeps": _got(CARRIED),
    "bind what the link keeps": lambda c: c.queue_bind(CARRIED, EXCHANGE, SCRATCH),
    "unbind what the link keeps": lambda c: c.queue_unbind(CARRIED, EXCHANGE, SCRATCH),
}
"""What is tried over AMQPS from outside, by name. Those that succeed leave the estate as it was, but for
what `SCRATCH` and `OTHERS` name."""

_USER = {"password": SCRATCH, "tags": "administrator"}
_GET = {"count": 1, "ackmode": "ack_requeue_true", "encoding": "auto"}
_MESSAGE = {"properties": {}, "routing_key": SCRATCH, "payload": "x", "payload_encoding": "string"}

MANAGEMENT: dict[str, tuple[str, str, Mapping[str, Any] | None]] = {
    "who am I": ("GET", "/api/whoami", None),
    "see nodes": ("GET", "/api/nodes", None),
    "list queues": ("GET", f"/api/queues/{VHOST}", None),
    "see users": ("GET", "/api/users", None),
    "export definitions": ("GET", "/api/definitions", None),
    "import definitions": ("POST", "/api/definitions", {"users": []}),
    "make an administrator": ("PUT", f"/api/users/{SCRATCH}", _USER),
    "remove the administrator": ("DELETE", f"/api/users/{SCRATCH}", None),
    "make a queue": ("PUT", f"/api/queues/{VHOST}/{SCRATCH}", {"durable": True}),
    "remove a queue": ("DELETE", f"/api/queues/{VHOST}/{SCRATCH}", None),
    "set a policy": (
        "PUT",
        f"/api/policies/{VHOST}/{SCRATCH}",
        {"pattern": "^none$", "definition": {"max-length": 1}, "apply-to": "queues"},
    ),
    "remove a policy": ("DELETE", f"/api/policies/{VHOST}/{SCRATCH}", None),
    "read a message": ("POST", f"/api/queues/{VHOST}/{QUEUE}/get", _GET),
    "publish a message": ("POST", f"/api/exchanges/{VHOST}/{EXCHANGE}/publish", _MESSAGE),
}
"""What is tried at the management API, through the region's Kubernetes API."""


def amqp_outcome(estate: Estate, identity: Identity, operation: str) -> Outcome:
    """Tries one operation over AMQPS on a connection of its own.

    Raises:
        Exception: an answer that is neither success nor refusal: the cell proves nothing.
    """
    try:
        connection = connect(estate, identity)
        try:
            AMQP[operation](connection.channel())
        finally:
            if connection.is_open:
                connection.close()
    except (
        exceptions.ProbableAuthenticationError,
        exceptions.ProbableAccessDeniedError,
        exceptions.AuthenticationError,
    ):
        return "refused"
    except (exceptions.ChannelClosedByBroker, exceptions.ConnectionClosedByBroker) as error:
        if error.reply_code in _REFUSED:
            return "refused"
        if error.reply_code in _PERMITTED:
            return "done"
        raise
    except exceptions.AMQPConnectionError as error:
        # Before the tune is over pika wraps what the broker said.
        inner = error.args[0] if error.args else None
        if isinstance(inner, exceptions.ConnectionClosedByBroker) and inner.reply_code in _REFUSED:
            return "refused"
        raise
    return "done"


def management_outcome(estate: Estate, identity: Identity, operation: str) -> Outcome:
    """Tries one operation at east's management API.

    Raises:
        AssertionError: an answer that is neither success nor refusal.
    """
    method, path, body = MANAGEMENT[operation]
    status, text = management(estate, identity, method, path, body)
    if status in (200, 201, 204):
        return "done"
    # 401 says both "who are you" and "you may not"; of a direct connection the broker says 400.
    if status in (401, 403) or (status == 400 and "not_allowed" in text.lower()):
        return "refused"
    raise AssertionError(f"{operation}: HTTP {status} {text}")


def management(
    estate: Estate,
    identity: Identity,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
) -> tuple[int, str]:
    """East's answer: HTTP status and text."""
    context = ssl.create_default_context(cadata=estate.outputs["ca"])
    name = estate.outputs["regions"]["east"]["server_name"]
    token = base64.b64encode(f"{identity.user}:{identity.password}".encode()).decode()
    headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
    api = cluster(estate, "east")
    with forwarded(api, estate.outputs["namespace"], "rabbitmq-0", PORT) as raw:
        connection = http.client.HTTPConnection(name, PORT, timeout=10)
        connection.sock = context.wrap_socket(raw, server_hostname=name)
        content = json.dumps(body) if body is not None else None
        connection.request(method, path, content, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
