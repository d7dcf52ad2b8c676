"""Clients for the tests: a publisher that keeps a ledger of what was confirmed, and a reader."""

from __future__ import annotations

import contextlib
import ssl
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

VHOST = "shop"
EXCHANGE = "orders"
QUEUE = "orders.work"

Lost = (AMQPError, OSError)
"""What a client sees when its broker goes away."""


@dataclass
class Ledger:
    """What the broker confirmed, kept outside the brokers."""

    confirmed: list[str] = field(default_factory=list[str])
    reconnects: int = 0
    longest_gap: float = 0.0


class Estate:
    """The stack's outputs, and connections made from nothing but them."""

    def __init__(self, outputs: dict[str, Any]) -> None:
        self.outputs = outputs
        self.status: dict[str, Any] = {}

    def connect(self, region: str, user: str) -> pika.BlockingConnection:
        """A connection over the exported AMQPS address, verified against the exported CA."""
        spec = self.outputs["regions"][region]
        context = ssl.create_default_context(cadata=self.outputs["ca"])
        return pika.BlockingConnection(
            pika.ConnectionParameters(
                spec["host"],
                int(spec["port"]),
                VHOST,
                pika.PlainCredentials(user, self.outputs["users"][user]),
                # By address, not by name: the certificate carries both.
                ssl_options=pika.SSLOptions(context, spec["host"]),
                heartbeat=10,
                blocked_connection_timeout=20,
                socket_timeout=5,
                stack_timeout=10,
            )
        )

    def drain(self) -> None:
        """Empties the queue in both regions; waits until the link holds nothing either."""
        for _ in range(2):
            for region in ("east", "west"):
                with contextlib.closing(self.connect(region, "consumer")) as connection:
                    connection.channel().queue_purge(QUEUE)
            time.sleep(1)

    def publish(
        self, prefix: str, count: int | None = None, until: threading.Event | None = None
    ) -> Ledger:
        """Publishes persistent messages to east one by one, each until it is confirmed.

        Args:
            prefix: of the messages' ids.
            count: how many; with None, until the event.
            until: ends the publishing.
        """
        ledger = Ledger()
        number, last = 0, time.monotonic()
        limit = last + 600
        channel: BlockingChannel | None = None
        while (count is None or number < count) and not (until and until.is_set()):
            assert time.monotonic() < limit, f"only {number} messages confirmed in 600 s"
            try:
                channel = channel or self._publishing_channel()
                identity = f"{prefix}-{number}"
                channel.basic_publish(
                    EXCHANGE,
                    "a.b",
                    identity.encode(),
                    pika.BasicProperties(delivery_mode=2, message_id=identity),
                    mandatory=True,
                )
            except Lost:
                # Not known whether it arrived: published again, so it may arrive twice.
                ledger.reconnects += 1
                channel = None
                time.sleep(0.2)
                continue
            now = time.monotonic()
            ledger.longest_gap = max(ledger.longest_gap, now - last)
            last = now
            ledger.confirmed.append(identity)
            number += 1
        if channel is not None:
            with contextlib.suppress(*Lost):
                channel.connection.close()
        return ledger

    def _publishing_channel(self) -> BlockingChannel:
        channel = self.connect("east", "producer").channel()
        channel.confirm_delivery()
        return channel

    def read(self, region: str, wanted: set[str], seconds: float) -> Counter[str]:
        """Reads a region's queue until all wanted messages were seen, or the time is over.

        Goes on for two more seconds, so that a duplicate on its way is counted too.
        """
        seen: Counter[str] = Counter()
        missing = set(wanted)
        end = time.monotonic() + seconds
        while missing and time.monotonic() < end:
            with (
                contextlib.suppress(*Lost),
                contextlib.closing(self.connect(region, "consumer")) as connection,
            ):
                channel = connection.channel()
                channel.basic_qos(prefetch_count=1000)
                for method, _, body in channel.consume(QUEUE, inactivity_timeout=2):
                    if method is None or body is None:
                        if not missing or time.monotonic() > end:
                            break
                        continue
                    channel.basic_ack(method.delivery_tag)
                    identity = body.decode()
                    seen[identity] += 1
                    missing.discard(identity)
                channel.cancel()
        return seen
