"""A cluster at an address of the test's choice."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import yaml

from warren.errors import WarrenError as Failure
from warren.live import kubernetes as module
from warren.live import rabbitmq as management
from warren.live.kubernetes import Cluster as ApiCluster
from warren.live.reasons import UnansweredError as Unanswered

__all__ = ["HERE", "ApiCluster", "Failure", "Unanswered", "make_cluster", "management", "module"]

HERE = "127.0.0.1"


def make_cluster(url: str, *, ca: str = "", user: dict[str, Any] | None = None) -> ApiCluster:
    """The cluster of a kubeconfig that names the address, a CA (PEM) and how to log in."""
    server: dict[str, Any] = {"server": url}
    if ca:
        server["certificate-authority-data"] = base64.b64encode(ca.encode()).decode()
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": server}],
        "users": [{"name": "u", "user": user or {}}],
        "contexts": [{"name": "test", "context": {"cluster": "c", "user": "u"}}],
    }
    return ApiCluster(yaml.safe_dump(content), "test", Path())
