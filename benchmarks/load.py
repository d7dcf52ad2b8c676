"""A publisher that measures confirms, and a reader that measures the age of what arrives."""

from __future__ import annotations

import ssl
import threading
import time
from typing import Any, cast

import pika


def connect(outputs: dict[str, Any], region: str, user: str) -> pika.BlockingConnection:
    """A connection over the exported address, verified against the exported CA."""
    spec = outputs["regions"][region]
    context = ssl.create_default_context(cadata=outputs["ca"])
    return pika.BlockingConnection(
        pika.ConnectionParameters(
            spec["host"],
            int(spec["port"]),
            "shop",
            pika.PlainCredentials(user, outputs["users"][user]),
            ssl_options=pika.SSLOptions(context, spec["host"]),
        )
    )


class Publisher:
    """Publishes persistent messages of 1 KiB, each when the one before is confirmed."""

    def __init__(self, outputs: dict[str, Any], region: str) -> None:
        self._channel = cast("Any", connect(outputs, region, "producer").channel())
        self._channel.confirm_delivery()
        self.latencies: list[float] = []

    def run(self, seconds: float) -> None:
        """Publishes for so long."""
        end = time.perf_counter() + seconds
        padding = b" " * 1000
        while (began := time.perf_counter()) < end:
            stamp = f"{time.time():.6f}".encode()
            properties = pika.BasicProperties(delivery_mode=2)
            self._channel.basic_publish("orders", "bench", stamp + padding, properties)
            self.latencies.append(time.perf_counter() - began)
        self._channel.connection.close()


class Reader:
    """Reads a region's queue and notes how old each message is. Publisher and reader share a clock."""

    def __init__(self, outputs: dict[str, Any], region: str) -> None:
        self._channel = cast("Any", connect(outputs, region, "consumer").channel())
        self._channel.queue_purge("orders")
        self.lags: list[float] = []

    def run(self, stop: threading.Event) -> None:
        """Reads until the event is set."""
        self._channel.basic_qos(prefetch_count=500)
        for method, _, body in self._channel.consume("orders", inactivity_timeout=0.5):
            if method is not None:
                self.lags.append(time.time() - float(body.split()[0]))
                self._channel.basic_ack(method.delivery_tag)
            if stop.is_set() and method is None:
                break
        self._channel.connection.close()
