"""Which changes a resource can't take in place.

Kubernetes: fields that the API server refuses to change, after pulumi-kubernetes' own list
(`provider/pkg/provider/diff.go`). random and tls: every input, since the value hangs on all of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from warren.plan.differences import PropertyChange

_EVERY_KIND = (r"apiVersion", r"kind", r"metadata\.name", r"metadata\.namespace")

_OF_KIND: dict[str, tuple[str, ...]] = {
    "Job": (
        r"spec\.template.*",
        r"spec\.selector.*",
        r"spec\.completions",
        r"spec\.completionMode",
    ),
    "StatefulSet": (
        r"spec\.serviceName",
        r"spec\.podManagementPolicy",
        r"spec\.selector.*",
        r"spec\.volumeClaimTemplates.*",
    ),
    "Deployment": (r"spec\.selector.*",),
    "DaemonSet": (r"spec\.selector.*",),
    "RoleBinding": (r"roleRef.*",),
    "ClusterRoleBinding": (r"roleRef.*",),
    "StorageClass": (r"provisioner", r"parameters.*", r"reclaimPolicy", r"volumeBindingMode"),
    "Service": (r"spec\.clusterIP",),
    "Secret": (r"type",),
    "PersistentVolumeClaim": (
        r"spec\.storageClassName",
        r"spec\.accessModes.*",
        r"spec\.volumeName",
    ),
    "PriorityClass": (r"value", r"preemptionPolicy"),
}


def replacing(type_: str, changes: Sequence[PropertyChange]) -> list[str]:
    """Paths of the changes that make a replacement of a resource of this type."""
    if type_.startswith(("random:", "tls:")):
        return [change.path for change in changes]
    if not type_.startswith("kubernetes:"):
        return []
    kind = type_.rpartition(":")[2]
    patterns = (*_EVERY_KIND, *_OF_KIND.get(kind, ()))
    return [
        change.path
        for change in changes
        if any(re.fullmatch(pattern, change.path) for pattern in patterns)
    ]
