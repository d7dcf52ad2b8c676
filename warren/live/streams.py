"""Commands in pods, and ports of pods, through the Kubernetes API.

Kubernetes' protocol of channels over a WebSocket (`v4.channel.k8s.io`): each message begins with the
number of its channel (k8s.io/kubelet, pkg/cri/streaming/remotecommand/websocket.go and
pkg/cri/streaming/portforward/websocket.go).
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    import websocket

    from warren.live.kubernetes import Cluster

SECONDS = 10.0
"""How long a port's connection may be silent while something is waited for."""

_STDOUT, _STDERR, _ERROR = 1, 2, 3


@dataclass(frozen=True)
class Executed:
    """What a command did: its exit code and what it printed."""

    code: int
    stdout: str
    stderr: str


def execute(
    cluster: Cluster,
    namespace: str,
    pod: str,
    command: Sequence[str],
    *,
    container: str = "",
    given: str = "",
    seconds: float = 60,
) -> Executed:
    """Runs a command in a container of a pod, and waits for its end.

    The protocol has no end of input, so a command that reads to the end must be told how much there is
    (`head -c`).

    Args:
        cluster: whose API server is asked.
        namespace: of the pod.
        pod: its name.
        command: program and arguments, no shell.
        container: in the pod; its only one, or its default, where none is named.
        given: its standard input. Not an argument: those can be seen in the process list.
        seconds: how long it may take. RabbitMQ's command line starts an Erlang of its own first.

    Raises:
        ApiError: the server refused, or there is no such pod.
        OSError: the connection was lost.
        TimeoutError: it has not ended in `seconds`.
    """
    import websocket

    query = [("stdout", "true"), ("stderr", "true"), *(("command", part) for part in command)]
    if given:
        query.append(("stdin", "true"))
    if container:
        query.append(("container", container))
    end = time.monotonic() + seconds
    printed: dict[int, bytes] = {_STDOUT: b"", _STDERR: b"", _ERROR: b""}
    stream = cluster.stream(f"{_pod(namespace, pod)}/exec?{urlencode(query)}", seconds)
    with contextlib.closing(stream):
        if given:
            stream.send_binary(b"\0" + given.encode())
        while not printed[_ERROR]:
            stream.settimeout(max(0.1, end - time.monotonic()))
            try:
                message = _message(stream)
            except websocket.WebSocketTimeoutException:
                raise TimeoutError(
                    f"{pod}: {command[0]} has not ended in {seconds:.0f} s"
                ) from None
            if message is None:
                raise OSError(f"{pod}: the connection was lost while {command[0]} ran")
            if message[:1] and message[0] in printed:
                printed[message[0]] += message[1:]
    return Executed(
        _code(json.loads(printed[_ERROR])),
        printed[_STDOUT].decode("utf-8", "replace"),
        printed[_STDERR].decode("utf-8", "replace"),
    )


def _code(status: dict[str, Any]) -> int:
    """The exit code in a `Status`: a cause of reason ExitCode has it as its message."""
    if status.get("status") == "Success":
        return 0
    for cause in (status.get("details") or {}).get("causes") or []:
        if cause.get("reason") == "ExitCode":
            return int(cause["message"])
    raise OSError(str(status.get("message", status)))


@contextmanager
def forwarded(
    cluster: Cluster, namespace: str, pod: str, port: int, seconds: float = SECONDS
) -> Generator[socket.socket]:
    """A socket that ends at a port of a pod.

    Raises:
        ApiError: the server refused, or there is no such pod.
        OSError: the connection can't be made.
    """
    stream = cluster.stream(f"{_pod(namespace, pod)}/portforward?ports={port}", seconds)
    near, far = socket.socketpair()
    carrier = threading.Thread(target=_carry, args=(stream, far), daemon=True, name="port-forward")
    carrier.start()
    near.settimeout(seconds)
    try:
        yield near
    finally:
        near.close()
        carrier.join(2)
        with contextlib.suppress(OSError):
            stream.close(timeout=1)


def _carry(stream: websocket.WebSocket, far: socket.socket) -> None:
    """Carries bytes both ways until an end closes. Channel 0 has them, 1 what went wrong."""
    import websocket

    # The first message of each channel is the port's number.
    begun: set[int] = set()
    connection: Any = stream.sock
    with far, contextlib.suppress(OSError, websocket.WebSocketException):
        while True:
            # What TLS has decrypted already, no select tells of.
            pending = hasattr(connection, "pending") and connection.pending()
            readable = [connection] if pending else select.select([connection, far], [], [])[0]
            if connection in readable:
                message = _message(stream)
                if message is None:
                    return
                channel, content = message[0], message[1:]
                if channel not in begun:
                    begun.add(channel)
                elif channel == 0:
                    far.sendall(content)
                else:
                    return
            if far in readable:
                data = far.recv(65536)
                if not data:
                    return
                stream.send_binary(b"\0" + data)


def _message(stream: websocket.WebSocket) -> bytes | None:
    """The next message; None at the end."""
    import websocket

    while True:
        try:
            kind, data = stream.recv_data()
        except websocket.WebSocketConnectionClosedException:
            return None
        if kind == websocket.ABNF.OPCODE_CLOSE:
            return None
        if data:
            return bytes(data)


def _pod(namespace: str, pod: str) -> str:
    return f"/api/v1/namespaces/{quote(namespace)}/pods/{quote(pod)}"
