"""Which object at a Kubernetes API server: its path, without asking the server for its kinds.

By hand and not by the client library's discovery (`kubernetes.dynamic`): that one costs the import of
every model of the API (0.7 s of a core, where all of `status` has 0.4 s) and a request for each group
of each region, for names that follow one rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

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
