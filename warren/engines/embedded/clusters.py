"""The Kubernetes clusters of a run, by provider; and whether they still are the clusters they were."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from warren.errors import WarrenError
from warren.live.kubernetes import Cluster
from warren.plan.state import Entry
from warren.runs.progress import Progress
from warren.runs.project import Project
from warren.runs.stopping import Stop
from warren.values import Properties, reveal

PROVIDER = "pulumi:providers:kubernetes"


class OtherClusterError(WarrenError):
    """A context leads to another cluster than the one that the stack's objects are in."""


class Clusters:
    """Opens each provider's cluster once.

    Args:
        project: whose kubeconfigs are relative to its directory.
        stop: ends the waits on all clusters.
        rebuilt: take another cluster than the remembered one for the remembered one's successor.
    """

    def __init__(self, project: Project, stop: Stop, *, rebuilt: bool = False) -> None:
        self._project = project
        self._stop = stop
        self._rebuilt = rebuilt
        self._known: dict[str, Cluster] = {}
        self._lock = threading.Lock()

    def connect(
        self, urn: str, inputs: Properties, remembered: str, progress: Progress
    ) -> tuple[Cluster, str]:
        """Opens a provider's cluster and checks that it answers and is the remembered one.

        Args:
            urn: of the provider.
            inputs: of the provider.
            remembered: the cluster's identity at the last run, "" if there was none.
            progress: is told what can't be checked.

        Returns:
            The cluster and its identity; "" where the user may not read it.

        Raises:
            WarrenError: it does not answer, or refuses.
            OtherClusterError: the context leads to another cluster.
        """
        given = reveal(inputs)
        context = given.get("context")
        if not context:
            raise WarrenError(
                f"The Kubernetes provider {urn.rpartition('::')[2]} names no context.",
                "Give it one: the current context of a kubeconfig is nobody's promise.",
            )
        if given.get("namespace"):
            raise WarrenError(
                f"The Kubernetes provider {urn.rpartition('::')[2]} has a default namespace.",
                "Name the namespace in each object: the embedded engine knows no other.",
            )
        cluster = Cluster(given.get("kubeconfig"), context, self._project.directory, self._stop)
        cluster.check(progress=progress)
        identity = cluster.identity() or ""
        if remembered and not identity:
            progress(
                f"context {context}: can't tell whether it is still the same cluster (no right)"
            )
        if remembered and identity and identity != remembered:
            if not self._rebuilt:
                raise OtherClusterError(
                    f"The context '{context}' leads to another cluster ({cluster.server}, identity "
                    f"{identity}) than the one that the stack's objects are in ({remembered}).",
                    "Correct the context. If the cluster was rebuilt under the same name and shall "
                    "be filled again, say --rebuilt. Nothing was touched in it.",
                )
            progress(f"context {context}: rebuilt since the last run, and filled again")
        with self._lock:
            self._known[urn] = cluster
        return cluster, identity

    def of(self, provider: str, name: str) -> Cluster:
        """The cluster of a resource's provider."""
        with self._lock:
            cluster = self._known.get(provider)
        if cluster is None:
            raise WarrenError(
                f"'{name}' has no Kubernetes provider of its own.",
                "Give every Kubernetes resource an explicit provider.",
            )
        return cluster

    def reopen(self, entries: Mapping[str, Entry], provider: str, progress: Progress) -> Cluster:
        """The cluster of a provider that the program may no longer register.

        Raises:
            WarrenError: as `connect`.
        """
        with self._lock:
            cluster = self._known.get(provider)
        if cluster is not None:
            return cluster
        entry = entries.get(provider)
        if entry is None:
            raise WarrenError(
                f"The state knows resources of the provider {provider}, but not the provider.",
                "The state is damaged: put back state.json.bak, or delete the objects by hand.",
            )
        return self.connect(provider, entry.inputs, identity_of(entry), progress)[0]


def identity_of(entry: Entry | None) -> str:
    """The remembered identity of a provider's cluster; "" when there is none."""
    return "" if entry is None or entry.id.endswith("-provider") else entry.id
