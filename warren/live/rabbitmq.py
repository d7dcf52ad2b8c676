"""RabbitMQ's management API of a region, through its Kubernetes API: a port-forward to a broker pod.

The management port is open to nobody outside the cluster. TLS is verified against the stack's CA, and
the login is the monitoring user's.
"""

from __future__ import annotations

import base64
import copy
import http.client
import json
import select
import socket
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from warren.live.kubernetes import Cluster
from warren.live.reasons import UnansweredError, reason, refusal

PORT = 15671
SECONDS = 10.0


class ManagementError(Exception):
    """The management API could not be asked; the text says why.

    Attributes:
        status: HTTP status of a refusal; 0 when there was no answer.
    """

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Login:
    """Who asks, and whom to trust.

    Attributes:
        user: of RabbitMQ.
        password: its password.
        ca: the stack's CA certificate (PEM).
        server_name: name in the broker's certificate.
    """

    user: str
    password: str
    ca: str
    server_name: str


@contextmanager
def forwarded(
    cluster: Cluster, namespace: str, pod: str, port: int = PORT
) -> Generator[socket.socket]:
    """A socket that ends at a port of a pod.

    Raises:
        OSError: the Kubernetes API does not give it.
    """
    from kubernetes import client
    from kubernetes.client import ApiException
    from kubernetes.stream import portforward

    api = client.CoreV1Api(cluster.client)
    try:
        forward = _within(
            SECONDS,
            lambda: portforward(
                api.connect_get_namespaced_pod_portforward, pod, namespace, ports=str(port)
            ),
        )
    except (OSError, ApiException) as error:
        raise UnansweredError(cluster.who, reason(error, SECONDS, SECONDS)) from error
    try:
        # The client's own socket is a wrapper that `ssl` does not take, so bytes are carried over.
        near, far = socket.socketpair()
        inner = cast("socket.socket", forward.socket(port))
        stop = threading.Event()
        carrier = threading.Thread(target=_carry, args=(inner, far, stop), daemon=True)
        carrier.start()
        near.settimeout(SECONDS)
        try:
            yield near
        finally:
            stop.set()
            near.close()
            carrier.join(2)
            far.close()
    finally:
        forward.close()


def _within(seconds: float, call: Callable[[], Any]) -> Any:
    """The outcome of a call that knows no time limit of its own.

    The Kubernetes client passes none on to its websocket: where packets vanish it waits as long as the
    kernel does, over two minutes. The thread that waits there is left behind, and keeps nobody.

    Raises:
        TimeoutError: there was none in time.
    """
    found: list[tuple[Any, BaseException | None]] = []

    def run() -> None:
        try:
            found.append((call(), None))
        except BaseException as error:
            found.append((None, error))

    thread = threading.Thread(target=run, daemon=True, name="port-forward")
    thread.start()
    thread.join(seconds)
    if not found:
        raise TimeoutError
    value, error = found[0]
    if error is not None:
        raise error
    return value


def _carry(a: socket.socket, b: socket.socket, stop: threading.Event) -> None:
    while not stop.is_set():
        readable, _, _ = select.select([a, b], [], [], 0.2)
        for source in readable:
            try:
                data = source.recv(65536)
                if not data:
                    return
                (b if source is a else a).sendall(data)
            except OSError:
                return


class Management:
    """Asks one broker. Use it inside `with opened(...)`."""

    def __init__(self, connection: http.client.HTTPConnection, login: Login) -> None:
        self._connection = connection
        self._headers = _authorization(login.user, login.password)

    def acting_as(self, user: str, password: str) -> Management:
        """The same connection in another user's name."""
        other = copy.copy(self)
        other._headers = _authorization(user, password)
        return other

    def get(self, path: str) -> Any:
        """The answer to a GET; None for 404.

        Raises:
            ManagementError: any other answer, or none.
        """
        return self._ask("GET", path)

    def delete(self, path: str) -> None:
        """A DELETE; nothing to delete is no error.

        Raises:
            ManagementError: a refusal, or no answer.
        """
        self._ask("DELETE", path)

    def _ask(self, method: str, path: str) -> Any:
        try:
            self._connection.request(method, path, headers=self._headers)
            answer = self._connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            why = reason(error, SECONDS, SECONDS)
            raise ManagementError(f"RabbitMQ {why}, asked for {path}") from error
        if answer.status == 404:
            return None
        if answer.status not in (200, 204):
            raise ManagementError(
                f"RabbitMQ {refusal(answer.status)}, asked for {path}", answer.status
            )
        return json.loads(body) if body else None


def _authorization(user: str, password: str) -> dict[str, str]:
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


@contextmanager
def opened(cluster: Cluster, namespace: str, pod: str, login: Login) -> Generator[Management]:
    """The management API of a broker pod.

    Raises:
        ManagementError: it can't be reached, or is not what its certificate says.
    """
    context = ssl.create_default_context(cadata=login.ca)
    try:
        with forwarded(cluster, namespace, pod) as raw:
            secured = context.wrap_socket(raw, server_hostname=login.server_name)
            connection = http.client.HTTPConnection(login.server_name, PORT, timeout=SECONDS)
            connection.sock = secured
            try:
                yield Management(connection, login)
            finally:
                connection.close()
    except UnansweredError as error:
        raise ManagementError(f"{error.told}, asked for a way to {pod}") from error
    except OSError as error:
        raise ManagementError(f"{pod} {reason(error, SECONDS, SECONDS)}") from error
