"""What a link's own certificate lets its holder do in the upstream region: carry, and nothing else.

Whoever holds a region's disk or Secrets holds its links' keys. So each test logs in as the link does,
with the certificate that lies in the downstream region, and tries what a thief would try.
"""

from __future__ import annotations

import base64
import contextlib
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.credentials import ExternalCredentials
from pika.exceptions import ChannelClosedByBroker

from tests.lab.kube import cluster
from tests.lab.messaging import EXCHANGE, QUEUE, VHOST, Estate
from warren.live.objects import ObjectRef

pytestmark = pytest.mark.lab


@pytest.fixture
def as_link(clean: Estate, tmp_path: Path) -> Iterator[BlockingChannel]:
    """A channel in east, logged in by the certificate of west's link."""
    secret = cluster(clean, "west").get(
        ObjectRef("v1", "Secret", clean.outputs["namespace"], "rabbitmq-links")
    )
    assert secret is not None
    files = {name: base64.b64decode(text) for name, text in secret["data"].items()}
    (stem,) = {name.rpartition(".")[0] for name in files} - {"ca"}
    context = ssl.create_default_context(cadata=files["ca.crt"].decode())
    for kind in ("crt", "key"):
        (tmp_path / kind).write_bytes(files[f"{stem}.{kind}"])
    context.load_cert_chain(tmp_path / "crt", tmp_path / "key")
    spec = clean.outputs["regions"]["east"]
    connection = pika.BlockingConnection(
        pika.ConnectionParameters(
            spec["host"],
            int(spec["port"]),
            VHOST,
            ExternalCredentials(),
            ssl_options=pika.SSLOptions(context, spec["host"]),
            socket_timeout=5,
            stack_timeout=10,
        )
    )
    with contextlib.closing(connection):
        yield connection.channel()


FORBIDDEN: dict[str, Callable[[BlockingChannel], object]] = {
    "get": lambda channel: channel.basic_get(QUEUE),
    "consume": lambda channel: channel.basic_consume(QUEUE, lambda *_: None),
    "purge": lambda channel: channel.queue_purge(QUEUE),
    "delete the queue": lambda channel: channel.queue_delete(QUEUE),
    "delete the exchange": lambda channel: channel.exchange_delete(EXCHANGE),
    "bind the queue": lambda channel: channel.queue_bind(QUEUE, EXCHANGE, "#"),
    "declare a queue": lambda channel: channel.queue_declare("stolen", durable=True),
    "get, by the exchange's name": lambda channel: channel.basic_get(EXCHANGE),
    "purge, by the exchange's name": lambda channel: channel.queue_purge(EXCHANGE),
}


@pytest.mark.parametrize("attempt", FORBIDDEN)
def test_a_links_certificate_neither_reads_nor_empties_the_applications_queue(
    clean: Estate, as_link: BlockingChannel, attempt: str
) -> None:
    """RabbitMQ's permissions do not tell a queue from an exchange of the same name."""
    ledger = clean.publish(f"mine-{attempt.replace(' ', '-')}", 5)
    with pytest.raises(ChannelClosedByBroker) as refused:
        FORBIDDEN[attempt](as_link)
        as_link.connection.process_data_events(0.2)
    # Nothing has the exchange's name: then the broker says so, and that there is nothing to take.
    assert refused.value.reply_code == 403 or (
        refused.value.reply_code == 404 and "by the exchange's name" in attempt
    ), refused.value
    assert set(clean.read("east", set(ledger.confirmed), 30)) >= set(ledger.confirmed)


def test_a_links_certificate_cannot_publish(as_link: BlockingChannel) -> None:
    as_link.confirm_delivery()
    with pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"):
        as_link.basic_publish(EXCHANGE, "a.b", b"forged")
