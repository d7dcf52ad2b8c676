"""Publishers that measure confirms, and a reader that measures the age of what arrives."""

from __future__ import annotations

import ssl
import threading
import time
from typing import Any, cast

import pika


def parameters(outputs: dict[str, Any], region: str, user: str) -> pika.ConnectionParameters:
    """The exported address, verified against the exported CA."""
    spec = outputs["regions"][region]
    context = ssl.create_default_context(cadata=outputs["ca"])
    return pika.ConnectionParameters(
        spec["host"],
        int(spec["port"]),
        "shop",
        pika.PlainCredentials(user, outputs["users"][user]),
        ssl_options=pika.SSLOptions(context, spec["host"]),
    )


def connect(outputs: dict[str, Any], region: str, user: str) -> pika.BlockingConnection:
    """A connection that waits for each answer."""
    return pika.BlockingConnection(parameters(outputs, region, user))


def message() -> bytes:
    """1 KiB, with the time at its beginning."""
    return f"{time.time():.6f}".encode() + b" " * 1000


class Publisher:
    """Publishes persistent messages of 1 KiB, each when the one before is confirmed."""

    def __init__(self, outputs: dict[str, Any], region: str) -> None:
        self._channel = cast("Any", connect(outputs, region, "producer").channel())
        self._channel.confirm_delivery()
        self.latencies: list[float] = []

    def run(self, seconds: float) -> None:
        """Publishes for so long."""
        end = time.perf_counter() + seconds
        while (began := time.perf_counter()) < end:
            properties = pika.BasicProperties(delivery_mode=2)
            self._channel.basic_publish("orders", "bench", message(), properties)
            self.latencies.append(time.perf_counter() - began)
        self._channel.connection.close()


class WindowedPublisher:
    """Publishes persistent messages of 1 KiB with up to `window` of them not yet confirmed.

    Args:
        outputs: of the stack.
        region: where to publish.
        window: most messages under way.
    """

    def __init__(self, outputs: dict[str, Any], region: str, window: int) -> None:
        self._parameters = parameters(outputs, region, "producer")
        self._window = window
        self._under_way: dict[int, float] = {}
        self._next = 1
        self._end = 0.0
        self._channel: Any = None
        self.latencies: list[float] = []
        self.refused = 0

    def run(self, seconds: float) -> None:
        """Publishes for so long, and waits for the last confirms.

        Raises:
            RuntimeError: the connection failed.
        """
        failures: list[object] = []

        def opened(connection: Any) -> None:
            connection.channel(on_open_callback=ready)

        def ready(channel: Any) -> None:
            self._channel = channel
            channel.confirm_delivery(self._confirmed, callback=begin)

        def begin(_frame: object) -> None:
            self._end = time.perf_counter() + seconds
            self._fill()

        def closed(connection: Any, reason: object) -> None:
            if self._under_way or time.perf_counter() < self._end:
                failures.append(reason)
            connection.ioloop.stop()

        connection: Any = pika.SelectConnection(
            self._parameters,
            on_open_callback=opened,
            on_open_error_callback=closed,
            on_close_callback=closed,
        )
        connection.ioloop.start()
        if failures:
            raise RuntimeError(f"the connection ended: {failures[0]}")

    def _fill(self) -> None:
        while len(self._under_way) < self._window and time.perf_counter() < self._end:
            self._under_way[self._next] = time.perf_counter()
            self._next += 1
            self._channel.basic_publish(
                "orders", "bench", message(), pika.BasicProperties(delivery_mode=2)
            )
        if not self._under_way:
            self._channel.connection.close()

    def _confirmed(self, frame: Any) -> None:
        now, method = time.perf_counter(), frame.method
        first = min(self._under_way) if method.multiple else method.delivery_tag
        for tag in range(first, method.delivery_tag + 1):
            began = self._under_way.pop(tag, None)
            if began is not None:
                self.latencies.append(now - began)
        self.refused += type(method).__name__ == "Nack"
        self._fill()


class Reader:
    """Reads a region's queue and notes how old each message is. Publisher and reader share a clock."""

    def __init__(self, outputs: dict[str, Any], region: str) -> None:
        self._channel = cast("Any", connect(outputs, region, "consumer").channel())
        self._channel.queue_purge("orders.work")
        self.lags: list[float] = []

    def run(self, stop: threading.Event) -> None:
        """Reads until the event is set."""
        self._channel.basic_qos(prefetch_count=500)
        for method, _, body in self._channel.consume("orders.work", inactivity_timeout=0.5):
            if method is not None:
                self.lags.append(time.time() - float(body.split()[0]))
                self._channel.basic_ack(method.delivery_tag)
            if stop.is_set() and method is None:
                break
        self._channel.connection.close()
