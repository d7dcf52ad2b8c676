"""A Kubernetes API server for tests: server-side apply, and objects that become ready at once."""

from __future__ import annotations

import copy
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


class ApiServer:
    """Objects by path; `requests` has every request that changed something."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.requests: list[tuple[str, str]] = []
        self.fail_jobs = False
        self.never_ready = False
        self.identity: str | None = "uid-of-the-cluster"
        self._version = 0
        self._lock = threading.Lock()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:
                return

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                status, value = owner.handle(self.command, urlsplit(self.path).path, body)
                content = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PATCH = do_DELETE = _answer  # noqa: N815

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def kubeconfig(self) -> str:
        return json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "c", "cluster": {"server": self.url}}],
                "users": [{"name": "u", "user": {}}],
                "contexts": [{"name": "test", "context": {"cluster": "c", "user": "u"}}],
            },
            indent=1,
        )

    def handle(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        if path == "/version":
            return 200, {"gitVersion": "v1.36.3"}
        if path == "/api/v1/namespaces/kube-system":
            return self._own_namespace()
        if path.endswith("/pods"):
            return 200, {"items": []}
        with self._lock:
            if method != "GET":
                self.requests.append((method, path))
            if method == "PATCH":
                return self._apply(path, body)
            found = self.objects.get(path)
            if found is not None and method == "DELETE":
                del self.objects[path]
        return (200, found) if found else (404, {"reason": "NotFound", "message": path})

    def _own_namespace(self) -> tuple[int, Any]:
        if self.identity is None:
            return 403, {"reason": "Forbidden", "message": "no right"}
        return 200, {"metadata": {"uid": self.identity}}

    def _apply(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        old = self.objects.get(path)
        if old is not None and old["applied"] == body:
            return 200, old
        if old is not None and body["kind"] == "Job" and old["applied"].get("spec") != body["spec"]:
            return 422, {"reason": "Invalid", "message": "spec.template: field is immutable"}
        self._version += 1
        new = copy.deepcopy(body)
        new["metadata"]["resourceVersion"] = str(self._version)
        new["metadata"]["uid"] = old["metadata"]["uid"] if old else f"uid-{self._version}"
        new["applied"] = copy.deepcopy(body)
        new["status"] = self.status(body)
        self.objects[path] = new
        return 200, new

    def status(self, body: dict[str, Any]) -> dict[str, Any]:
        """The status that the object's controller would give it."""
        if self.never_ready:
            return {}
        if body["kind"] == "Job":
            kind = "Failed" if self.fail_jobs else "Complete"
            return {"conditions": [{"type": kind, "status": "True", "message": "backoff limit"}]}
        if body["kind"] == "Service" and body["spec"].get("type") == "LoadBalancer":
            return {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}
        return {}

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
