"""RabbitMQ's management API of a region, through its Kubernetes API: a port-forward to a broker pod.

The management port is open to nobody outside the cluster. TLS is verified against the stack's CA, and
the login is the monitoring user's.
"""

from __future__ import annotations

import base64
import copy
import http.client
import json
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from warren.live.kubernetes import ApiError, Cluster
from warren.live.reasons import UnansweredError, reason, refusal
from warren.live.streams import forwarded

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
        status, body = self._ask("GET", path)
        if status == 404:
            return None
        if status != 200:
            raise ManagementError(f"RabbitMQ {refusal(status)}, asked for {path}", status)
        return json.loads(body)

    def put(self, path: str, value: Any) -> None:
        """Makes or changes what the path names.

        Raises:
            ManagementError: it was refused, or there was no answer.
        """
        self._write("PUT", path, value)

    def post(self, path: str, value: Any) -> Any:
        """The answer to a POST; None where it has no content.

        Raises:
            ManagementError: it was refused, or there was no answer.
        """
        body = self._write("POST", path, value)
        return json.loads(body) if body else None

    def delete(self, path: str) -> bool:
        """Takes away what the path names; False when there was nothing.

        Raises:
            ManagementError: it was refused, or there was no answer.
        """
        status, body = self._ask("DELETE", path)
        if status == 404:
            return False
        if status >= 300:
            raise ManagementError(
                f"RabbitMQ {refusal(status)}, asked to "
                f"DELETE {path}: {body[:200].decode(errors='replace')}",
                status,
            )
        return True

    def _write(self, method: str, path: str, value: Any) -> bytes:
        status, body = self._ask(method, path, value)
        if status >= 300:
            raise ManagementError(
                f"RabbitMQ {refusal(status)}, asked to "
                f"{method} {path}: {body[:200].decode(errors='replace')}",
                status,
            )
        return body

    def _ask(self, method: str, path: str, value: Any = None) -> tuple[int, bytes]:
        content = None if value is None else json.dumps(value)
        headers = self._headers | ({"Content-Type": "application/json"} if content else {})
        try:
            self._connection.request(method, path, body=content, headers=headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            why = reason(error, SECONDS, SECONDS)
            raise ManagementError(f"RabbitMQ {why}, asked for {path}") from error


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
        with forwarded(cluster, namespace, pod, PORT, SECONDS) as raw:
            secured = context.wrap_socket(raw, server_hostname=login.server_name)
            connection = http.client.HTTPConnection(login.server_name, PORT, timeout=SECONDS)
            connection.sock = secured
            try:
                yield Management(connection, login)
            finally:
                connection.close()
    except UnansweredError as error:
        raise ManagementError(f"{error.told}, asked for a way to {pod}") from error
    except ApiError as error:
        told = f"{cluster.who} {refusal(error.status)}, asked for a way to {pod}"
        raise ManagementError(told) from error
    except OSError as error:
        raise ManagementError(f"{pod} {reason(error, SECONDS, SECONDS)}") from error
