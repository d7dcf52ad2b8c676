"""A declared stream under the enforced network policies: confirms come, a node's loss loses nothing.

Nodes replicate streams on ports of their own, so this is where a rule that forgets them shows: the
first publish waits for a confirm that never comes.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.conftest import warren
from tests.lab.kube import delete_pod, run_in_broker
from tests.lab.messaging import Estate
from tests.lab.test_estate import EMBEDDED, changed

pytestmark = pytest.mark.lab

STREAM = "history"
MESSAGES = 500
SECONDS = 60


@pytest.fixture
def stream(estate: Estate, tmp_path: Path) -> Iterator[Estate]:
    """The estate with one stream, and a fanout exchange in front of it that no link carries."""

    def declared(config: dict[str, Any]) -> None:
        vhost = config["warren:topology"]["vhosts"]["shop"]
        vhost["exchanges"][STREAM] = {"type": "fanout"}
        vhost["queues"][STREAM] = {"type": "stream"}
        vhost["bindings"].append({"exchange": STREAM, "queue": STREAM, "routing_key": ""})

    done = warren("up", *EMBEDDED, cwd=changed(tmp_path, declared))
    assert done.returncode == 0, done.stderr[-2000:]
    try:
        yield estate
    finally:
        # East's holds messages, so `up` would keep it; west's is empty, and `up` takes it away.
        run_in_broker(estate, "east", "rabbitmqctl", "delete_queue", STREAM, "--vhost", "shop")
        done = warren("up", *EMBEDDED)
        assert done.returncode == 0, done.stderr[-2000:]
        left = run_in_broker(estate, "west", "rabbitmqctl", "list_queues", "-p", "shop", "name")
        assert STREAM not in left, "a stream that is empty and no longer declared goes"


def _within(seconds: float, work: Any) -> None:
    """Runs it in a thread, since a confirm that never comes would block for ever."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), f"not done after {seconds:.0f} s"
    if failed:
        raise failed[0]


def _publish(estate: Estate, first: int, count: int) -> list[str]:
    """Publishes and waits for each confirm; gives what was confirmed."""
    confirmed: list[str] = []

    def work() -> None:
        with contextlib.closing(estate.connect("east", "producer")) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            for number in range(first, first + count):
                channel.basic_publish(STREAM, "", str(number).encode(), mandatory=True)
                confirmed.append(str(number))

    _within(SECONDS, work)
    return confirmed


def _read(estate: Estate, count: int) -> list[str]:
    """What the stream holds, from its beginning."""
    found: list[str] = []

    def work() -> None:
        with contextlib.closing(estate.connect("east", "consumer")) as connection:
            channel = connection.channel()
            channel.basic_qos(prefetch_count=100)
            first: dict[str, Any] = {"x-stream-offset": "first"}
            for method, _, body in channel.consume(STREAM, arguments=first, inactivity_timeout=10):
                if method is None or body is None:
                    return
                channel.basic_ack(method.delivery_tag)
                found.append(body.decode())
                if len(found) >= count:
                    return

    _within(SECONDS, work)
    return found


def test_a_stream_confirms_and_keeps_all_through_the_restart_of_a_node(stream: Estate) -> None:
    confirmed = _publish(stream, 0, MESSAGES)
    delete_pod(stream, "east", "rabbitmq-1", grace=0)
    confirmed += _publish(stream, MESSAGES, MESSAGES)
    assert len(confirmed) == 2 * MESSAGES
    assert _read(stream, len(confirmed)) == confirmed, "in order, each once"


def test_streams_are_replicated_over_tls_with_both_sides_verified(stream: Estate) -> None:
    """RabbitMQ takes the options of the distribution over (`osiris_util`,
    get_replication_configuration_from_tls_dist); a plain port between nodes would be open to pods."""
    for key, wanted in (
        ("replication_transport", "ssl"),
        ("replication_server_ssl_options", "{fail_if_no_peer_cert,true}"),
        ("replication_client_ssl_options", "{verify,verify_peer}"),
    ):
        ask = f"application:get_env(osiris, {key})."
        assert wanted in run_in_broker(stream, "east", "rabbitmqctl", "eval", ask)
