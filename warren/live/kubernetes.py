"""A Kubernetes API server: how to reach it, and the few requests that the engine makes."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import yaml

from warren.errors import WarrenError
from warren.live.reasons import UnansweredError, reason, refusal
from warren.runs.progress import Progress
from warren.runs.stopping import Stop

FIELD_MANAGER = "warren"

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
CHECK_SECONDS = 10.0
"""How long the first answer of a server is waited for: whether it is there is soon told."""

_CLUSTER_KINDS = {
    "APIService",
    "CSIDriver",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "DeviceClass",
    "FlowSchema",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "RuntimeClass",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
    "VolumeAttributesClass",
}
"""Kinds without a namespace, of the APIs that Kubernetes itself serves."""


def plural(kind: str) -> str:
    """A kind's name in paths, by the rule that Kubernetes' own kinds follow."""
    name = kind.lower()
    if name == "endpoints":
        return name
    if name.endswith(("s", "x", "ch", "sh")):
        return f"{name}es"
    if name.endswith("y") and name[-2] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}s"


@dataclass(frozen=True)
class ObjectRef:
    """Which object: API version, kind, namespace ("" for cluster kinds) and name."""

    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        place = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {place}{self.name}"

    def path(self, *, with_name: bool = True) -> str:
        """Path at the API server."""
        base = (
            f"/api/{self.api_version}"
            if "/" not in self.api_version
            else f"/apis/{self.api_version}"
        )
        if self.namespace:
            base += f"/namespaces/{quote(self.namespace)}"
        base += f"/{plural(self.kind)}"
        return f"{base}/{quote(self.name)}" if with_name else base


def reference(body: dict[str, Any], default_namespace: str = "default") -> ObjectRef:
    """The reference of an object's body."""
    metadata = body.get("metadata") or {}
    namespaced = body["kind"] not in _CLUSTER_KINDS
    namespace = metadata.get("namespace") or default_namespace if namespaced else ""
    return ObjectRef(body["apiVersion"], body["kind"], namespace, metadata["name"])


class ApiError(Exception):
    """The API server's refusal."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(f"{message} (HTTP {status} {reason})")
        self.status = status
        self.reason = reason
        self.message = message


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
        from kubernetes import client, config

        content = _load(kubeconfig, directory)
        known = [item["name"] for item in content.get("contexts") or []]
        if context not in known:
            raise WarrenError(
                f"The kubeconfig {kubeconfig or 'of the user'} has no context '{context}' "
                f"(it has: {', '.join(known) or 'none'}).",
                "Correct warren:regions.<region>.context, or the kubeconfig that it names.",
                exit_code=2,
            )
        _check_login(content, context)
        settings = client.Configuration()
        config.load_kube_config_from_dict(content, context=context, client_configuration=settings)
        settings.connection_pool_maxsize = 64
        self.context = context
        self.stop = stop or Stop()
        self.server = str(settings.host)
        self.client = client.ApiClient(settings)
        self._pool = cast("Any", self.client.rest_client).pool_manager

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
        self.client.update_params_for_auth(headers, [], ["BearerToken"], path, method, body)
        try:
            answer = self._pool.request(
                method,
                self.server.rstrip("/") + path,
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
            try:
                status = json.loads(text)
            except ValueError:
                status = {}
            raise ApiError(
                answer.status, str(status.get("reason", "")), str(status.get("message", text[:300]))
            )
        return text

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


def _load(kubeconfig: str | None, directory: Path) -> dict[str, Any]:
    import os

    if kubeconfig and "\n" in kubeconfig:
        text, shown = kubeconfig, "in the settings"
    else:
        given = (
            kubeconfig or os.environ.get("KUBECONFIG", "").split(os.pathsep)[0] or "~/.kube/config"
        )
        file = Path(given).expanduser()
        file = file if file.is_absolute() else directory / file
        shown = str(file)
        try:
            text = file.read_text()
        except OSError as error:
            raise WarrenError(
                f"The kubeconfig {file} can't be read ({error.strerror}).",
                "Correct warren:regions.<region>.kubeconfig; for the lab's, start it: "
                "python -m lab up.",
                exit_code=2,
            ) from None
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise WarrenError(f"The kubeconfig {shown} is no YAML{where}.", "Mend it.", 2) from None
    if not isinstance(content, dict):
        raise WarrenError(f"The kubeconfig {shown} is empty.", "Mend it.", 2)
    return cast("dict[str, Any]", content)


def _check_login(content: dict[str, Any], context: str) -> None:
    """The Kubernetes client only logs that a command for credentials is missing, and goes on without."""
    user = next(
        item["context"].get("user") for item in content["contexts"] if item["name"] == context
    )
    for item in content.get("users") or []:
        command = ((item.get("user") or {}).get("exec") or {}).get("command")
        if item["name"] == user and command and shutil.which(str(command)) is None:
            raise WarrenError(
                f"The kubeconfig's context '{context}' logs in by the command '{command}', which is "
                "not on PATH.",
                "Install it (aws: the AWS CLI, kubelogin: for AKS, gke-gcloud-auth-plugin: for GKE).",
                exit_code=2,
            )
