"""RabbitMQ's management API that can't be asked: in words, and within a bounded time."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from contextlib import closing

import pytest

from tests.unit.live.addresses import HERE, make_cluster, management
from tests.unit.live.test_reasons import REPRESENTATION, answering, black_hole, certificates

__all__ = ["black_hole"]


def refused(port: int, ca: str, scheme: str = "http") -> str:
    """What is said of a region's management API whose port-forward ends at the port."""
    login = management.Login("monitoring", "secret", ca, "rabbitmq")
    cluster = make_cluster(f"{scheme}://{HERE}:{port}")
    with (
        pytest.raises(management.ManagementError) as found,
        management.opened(cluster, "rabbitmq", "rabbitmq-0", login),
    ):
        pass
    told = str(found.value)
    assert not REPRESENTATION.search(told), told
    assert "rabbitmq-0" in told
    return told


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> str:
    return certificates(tmp_path_factory.mktemp("ca"), "none")[0]


def test_nobody_listens(ca: str) -> None:
    with closing(socket.create_server((HERE, 0))) as free:
        port = free.getsockname()[1]
    assert "refused the connection" in refused(port, ca)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, "does not know us (401)"),
        (403, "does not let us in (403)"),
        (500, "fault of its own (500)"),
    ],
)
def test_the_port_forward_is_refused(ca: str, status: int, told: str) -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())
        connection.close()

    assert told in refused(answering(answer), ca)


def test_packets_vanish(ca: str, black_hole: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(management, "SECONDS", 1.0)
    start = time.monotonic()
    assert "did not answer within 1 s" in refused(black_hole, ca)
    assert time.monotonic() - start < 5
    waiting = [item for item in threading.enumerate() if item.name == "port-forward"]
    assert all(item.daemon for item in waiting), "no thread keeps the command from ending"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"HTTP/1.1 401 X\r\nContent-Length: 0\r\n\r\n", "does not know us (401)"),
        (b"HTTP/1.1 503 X\r\nContent-Length: 4\r\n\r\nbody", "fault of its own (503)"),
        (b"", "broke the connection off"),
        (b"\x00\x01\x02\r\n", "does not speak HTTP"),
    ],
)
def test_a_broker_that_does_not_answer(answer: bytes, told: str) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(answer)
        connection.close()

    port = answering(serve)
    asked = management.Management(
        http.client.HTTPConnection(HERE, port, timeout=5),
        management.Login("monitoring", "secret", "", "rabbitmq"),
    )
    with pytest.raises(management.ManagementError) as found:
        asked.get("/api/overview")
    assert told in str(found.value)
    assert "/api/overview" in str(found.value)
    assert not REPRESENTATION.search(str(found.value)), str(found.value)
