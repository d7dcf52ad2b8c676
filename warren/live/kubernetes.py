"""A Kubernetes API server: the requests that engines, status and recovery make of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from warren.errors import WarrenError
from warren.live import kubeconfig as kubeconfigs
from warren.live.objects import ObjectRef
from warren.live.reasons import UnansweredError, reason, refusal
from warren.runs.progress import Progress
from warren.runs.stopping import Stop

if TYPE_CHECKING:
    import websocket

FIELD_MANAGER = "warren"

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
CHECK_SECONDS = 10.0
"""How long the first answer of a server is waited for: whether it is there is soon told."""


class ApiError(Exception):
    """The API server's refusal."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(f"{message} (HTTP {status} {reason})")
        self.status = status
        self.reason = reason
        self.message = message


def refused(status: int, text: str) -> ApiError:
    """The error of an answer: what its `Status` object says, or its text."""
    try:
        said = json.loads(text)
    except ValueError:
        said = {}
    return ApiError(status, str(said.get("reason", "")), str(said.get("message", text[:300])))


class Cluster:
    """One context of a kubeconfig. Safe for several threads.

    Args:
        kubeconfig: path (relative to `directory`) or content; None for the user's.
        context: name in it.
        directory: of the project.
        stop: ends the waits on this cluster.
    """

    def __init__(
        self, kubeconfig: str | None, context: str, directory: Path, stop: Stop | None = None
    ) -> None:
        access = kubeconfigs.access(kubeconfig, context, directory)
        self.context = context
        self.stop = stop or Stop()
        self.server = access.server
        self._access = access

    @property
    def who(self) -> str:
        """What it is called in messages."""
        return f"The Kubernetes API of context '{self.context}' ({self.server})"

    def check(self, attempts: int = 3, progress: Progress = lambda _text: None) -> str:
        """The server's version.

        Args:
            attempts: how often it is asked; a second apart.
            progress: told of the waiting that is to come, when the first attempt was in vain.

        Raises:
            WarrenError: it can't be reached, or does not let us in.
        """
        for attempt in range(attempts):
            try:
                answer = self.text("GET", "/version", read_seconds=min(CHECK_SECONDS, READ_SECONDS))
                return json.loads(answer)["gitVersion"]
            except ApiError as error:
                why = refusal(error.status)
                raise WarrenError(f"{self.who} {why.text}.", why.remedy) from None
            except UnansweredError as error:
                if attempt + 1 == attempts:
                    times = {1: "", 2: ", twice", 3: ", three times"}[min(attempts, 3)]
                    raise WarrenError(
                        f"{error.told}{times}.",
                        f"{error.reason.remedy} On the lab: python -m lab status.",
                    ) from None
                if attempt == 0:
                    left = attempts - 1
                    again = {1: "once", 2: "twice"}.get(left, f"{left} times")
                    each = CONNECT_SECONDS + min(CHECK_SECONDS, READ_SECONDS) + 1
                    most = left * each
                    progress(f"{error.told}; it is asked {again} more, at most {most:.0f} s")
                self.stop.sleep(1)
        raise AssertionError("asked no time at all")

    def identity(self) -> str | None:
        """The UID of the cluster's own namespace: the same as long as it is the same cluster.

        None where the user may not read it.
        """
        try:
            return self.request("GET", "/api/v1/namespaces/kube-system")["metadata"]["uid"]
        except ApiError as error:
            if error.status in (401, 403, 404):
                return None
            raise

    def request(
        self, method: str, path: str, body: Any = None, content_type: str = "application/json"
    ) -> dict[str, Any]:
        """One request; the answer as JSON.

        Raises:
            ApiError: the server refused.
            UnansweredError: it could not be reached.
        """
        text = self.text(method, path, body, content_type)
        return cast("dict[str, Any]", json.loads(text)) if text.strip() else {}

    def text(
        self,
        method: str,
        path: str,
        body: Any = None,
        content_type: str = "application/json",
        *,
        read_seconds: float | None = None,
    ) -> str:
        """One request; the answer as text (logs)."""
        patience = READ_SECONDS if read_seconds is None else read_seconds
        from urllib3.exceptions import HTTPError
        from urllib3.util import Timeout

        headers: dict[str, Any] = {"Accept": "application/json", "Content-Type": content_type}
        headers |= self._access.headers()
        try:
            answer = self._access.pool.request(
                method,
                self.server + path,
                body=json.dumps(body) if body is not None else None,
                headers=headers,
                timeout=Timeout(connect=CONNECT_SECONDS, read=patience),
                retries=False,
            )
        except (HTTPError, OSError) as error:
            why = reason(error, CONNECT_SECONDS, patience)
            raise UnansweredError(self.who, why) from error
        text = answer.data.decode("utf-8", "replace")
        if answer.status >= 400:
            raise refused(answer.status, text)
        return text

    def stream(self, path: str, seconds: float = READ_SECONDS) -> websocket.WebSocket:
        """A connection of Kubernetes' own protocol of channels (exec, port-forward).

        Args:
            path: with its query.
            seconds: limit of each read and write.

        Raises:
            ApiError: the server refused.
            UnansweredError: it could not be reached.
        """
        import websocket

        options: dict[str, Any] = {"context": self._access.tls} if self._access.tls else {}
        if self._access.server_name:
            options["server_hostname"] = self._access.server_name
        try:
            return websocket.create_connection(
                "ws" + self.server.removeprefix("http") + path,
                timeout=seconds,
                header=[f"{key}: {value}" for key, value in self._access.headers().items()],
                subprotocols=["v4.channel.k8s.io"],
                sslopt=options,
                enable_multithread=False,
            )
        except websocket.WebSocketBadStatusException as error:
            text = bytes(error.resp_body or b"").decode("utf-8", "replace")
            raise refused(error.status_code, text) from None
        except (websocket.WebSocketException, OSError) as error:
            raise UnansweredError(self.who, reason(error, seconds, seconds)) from error

    def get(self, ref: ObjectRef) -> dict[str, Any] | None:
        """The object, or None."""
        try:
            return self.request("GET", ref.path())
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def apply(
        self, ref: ObjectRef, body: dict[str, Any], *, dry_run: bool = False
    ) -> dict[str, Any]:
        """Server-side apply. One that changes nothing leaves the object's resourceVersion.

        Strict: a field that the server does not know is an error, where it would drop it in silence.
        With `dry_run` the server checks all and keeps nothing.
        """
        query = f"fieldManager={FIELD_MANAGER}&force=true&fieldValidation=Strict"
        return self.request(
            "PATCH",
            f"{ref.path()}?{query}{'&dryRun=All' if dry_run else ''}",
            body,
            "application/apply-patch+yaml",
        )

    def delete(self, ref: ObjectRef, propagation: str = "Background") -> bool:
        """Asks for deletion; False when there was nothing."""
        try:
            self.request("DELETE", ref.path(), {"propagationPolicy": propagation})
        except ApiError as error:
            if error.status == 404:
                return False
            raise
        return True
