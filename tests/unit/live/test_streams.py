"""Kubernetes' protocol of channels, spoken by a server of the test's own on loopback."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from warren.live.kubernetes import ApiError, Cluster
from warren.live.streams import execute, forwarded

MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3

Serve = Callable[["Peer"], None]


class Peer:
    """The server's end of one WebSocket: binary messages of one frame each."""

    def __init__(self, connection: socket.socket, path: str) -> None:
        self.path = path
        self._file = connection.makefile("rwb")

    def send(self, channel: int, data: bytes) -> None:
        message = bytes([channel]) + data
        head = struct.pack(">BBH", 0x82, 126, len(message))
        self._file.write(head + message)
        self._file.flush()

    def receive(self) -> bytes:
        _, length = self._file.read(2)
        size = length & 0x7F
        if size == 126:
            (size,) = struct.unpack(">H", self._file.read(2))
        mask = self._file.read(4)
        data = self._file.read(size)
        return bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[[Serve | str], Cluster]]:
    """Starts a server that answers one WebSocket by a function, or refuses it with a status line."""
    listener = socket.create_server(("127.0.0.1", 0))

    def start(answer: Serve | str) -> Cluster:
        def run() -> None:
            connection, _ = listener.accept()
            with connection:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    head += connection.recv(1)
                lines = head.decode().split("\r\n")
                headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
                assert headers["Sec-WebSocket-Protocol"] == "v4.channel.k8s.io"
                assert headers["Authorization"] == "Bearer secret"
                if isinstance(answer, str):
                    connection.sendall(answer.encode())
                    return
                digest = hashlib.sha1((headers["Sec-WebSocket-Key"] + MAGIC).encode()).digest()  # noqa: S324
                connection.sendall(
                    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade"
                    b"\r\nSec-WebSocket-Protocol: v4.channel.k8s.io\r\nSec-WebSocket-Accept: "
                    + base64.b64encode(digest)
                    + b"\r\n\r\n"
                )
                answer(Peer(connection, lines[0].split(" ")[1]))

        threading.Thread(target=run, daemon=True).start()
        server = f"http://127.0.0.1:{listener.getsockname()[1]}"
        (tmp_path / "kubeconfig").write_text(
            json.dumps(
                {
                    "clusters": [{"name": "c", "cluster": {"server": server}}],
                    "users": [{"name": "u", "user": {"token": "secret"}}],
                    "contexts": [{"name": "test", "context": {"cluster": "c", "user": "u"}}],
                }
            )
        )
        return Cluster("kubeconfig", "test", tmp_path)

    yield start
    listener.close()


def status(code: int) -> bytes:
    if code == 0:
        return json.dumps({"status": "Success"}).encode()
    cause = {"reason": "ExitCode", "message": str(code)}
    return json.dumps({"status": "Failure", "details": {"causes": [cause]}}).encode()


def test_a_command_gives_its_exit_code_and_what_it_printed(
    serving: Callable[[Serve], Cluster],
) -> None:
    asked: list[str] = []

    def answer(peer: Peer) -> None:
        asked.append(peer.path)
        peer.send(1, b"out ")
        peer.send(2, b"err")
        peer.send(1, b"put")
        peer.send(3, status(7))

    done = execute(serving(answer), "space", "pod-0", ["a", "b c&d"], container="main")
    assert (done.code, done.stdout, done.stderr) == (7, "out put", "err")
    assert asked == [
        "/api/v1/namespaces/space/pods/pod-0/exec"
        "?stdout=true&stderr=true&command=a&command=b+c%26d&container=main"
    ]


def test_a_command_is_given_its_standard_input(serving: Callable[[Serve], Cluster]) -> None:
    asked: list[str] = []

    def answer(peer: Peer) -> None:
        asked.append(peer.path)
        peer.send(1, peer.receive())
        peer.send(3, status(0))

    done = execute(serving(answer), "space", "pod-0", ["cat"], given="secret" * 50)
    assert (done.code, done.stdout) == (0, "\0" + "secret" * 50)
    assert "&stdin=true" in asked[0]
    assert "secret" not in asked[0]


def test_a_command_whose_connection_ends_early_is_not_taken_for_done(
    serving: Callable[[Serve], Cluster],
) -> None:
    with pytest.raises(OSError, match="connection was lost while sleep ran"):
        execute(serving(lambda peer: peer.send(1, b"half")), "space", "pod-0", ["sleep"])


def test_a_command_that_does_not_end_is_not_waited_for(serving: Callable[[Serve], Cluster]) -> None:
    done = threading.Event()
    with pytest.raises(TimeoutError, match="has not ended in 0 s"):
        execute(serving(lambda _: (done.wait(10), None)[1]), "n", "p", ["sleep"], seconds=0.3)
    done.set()


def test_a_refusal_is_told_as_the_server_says_it(serving: Callable[[str], Cluster]) -> None:
    body = json.dumps({"reason": "NotFound", "message": 'pods "pod-9" not found'})
    refusal = f"HTTP/1.1 404 Not Found\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    with pytest.raises(ApiError, match="not found") as caught:
        execute(serving(refusal), "space", "pod-9", ["true"])
    assert (caught.value.status, caught.value.reason) == (404, "NotFound")


def test_bytes_go_both_ways_through_a_forwarded_port(serving: Callable[[Serve], Cluster]) -> None:
    port = struct.pack("<H", 15671)

    def answer(peer: Peer) -> None:
        peer.send(0, port)
        peer.send(1, port)
        peer.send(0, peer.receive()[1:].upper())

    with forwarded(serving(answer), "space", "pod-0", 15671) as near:
        near.sendall(b"hello")
        assert near.recv(100) == b"HELLO"
        assert near.recv(100) == b"", "the server's end is the end here too"
