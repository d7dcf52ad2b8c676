"""Taking resources away, dependents before what they depend on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from warren.engines.embedded import objects
from warren.engines.embedded.clusters import PROVIDER, Clusters, OtherClusterError
from warren.errors import WarrenError
from warren.plan.state import Entry, State
from warren.runs.progress import Progress
from warren.runs.stopping import Stop

NAMESPACE = "kubernetes:core/v1:Namespace"

IN_ORDER = ("StatefulSet", "Service")
"""Brokers and addresses are let go one by one, also where their namespace goes."""


@dataclass
class Deletion:
    """One run's deletions.

    Attributes:
        clusters: of the run.
        state: forgets what is gone.
        progress: is told.
        note: is called with each entry that is gone.
        stop: ends the run between two entries.
        skip_unreachable: forget the objects of clusters that do not answer, or are others now.
        skipped: how many were forgotten so, by provider.
    """

    clusters: Clusters
    state: State
    progress: Progress
    note: Callable[[str, Entry], None]
    stop: Stop
    skip_unreachable: bool = False
    skipped: dict[str, int] = field(default_factory=dict[str, int])

    def check(self, entries: Sequence[Entry]) -> None:
        """Opens every cluster that there is something to delete in, before anything is deleted.

        Raises:
            WarrenError: one does not answer, and is not to be skipped.
        """
        providers = {entry.provider for entry in entries if entry.type.startswith("kubernetes:")}
        for provider in sorted(providers):
            try:
                self.clusters.reopen(self.state.entries, provider, self.progress)
            except OtherClusterError as error:
                if not self.skip_unreachable:
                    raise
                self._skip(provider, error)
            except WarrenError as error:
                self.stop.check()
                if not self.skip_unreachable:
                    raise WarrenError(
                        error.message,
                        f"{error.remedy} If it is gone for good: 'warren down --skip-unreachable' "
                        "forgets what was in it.",
                        error.exit_code,
                    ) from None
                self._skip(provider, error)

    def _skip(self, provider: str, error: WarrenError) -> None:
        self.skipped[provider] = 0
        self.progress(f"skipped, and left as it is: {error.message}")

    def run(self, entries: Sequence[Entry]) -> None:
        """Deletes entries, the last made first.

        Raises:
            WarrenError: an object can't be deleted; what is gone by then is forgotten.
        """
        doomed = {
            (entry.provider, str(objects.body_of(entry.type, entry.inputs)["metadata"]["name"]))
            for entry in entries
            if entry.type == NAMESPACE and not entry.retain_on_delete
        }
        # Providers last: without them nobody would know where the rest of a killed run's objects are.
        last_first = list(reversed(entries))
        for entry in sorted(last_first, key=lambda entry: entry.type == PROVIDER):
            self.stop.check()
            if entry.provider in self.skipped:
                self.skipped[entry.provider] += 1
            elif entry.type.startswith("kubernetes:") and not entry.retain_on_delete:
                self._object(entry, doomed)
            self.state.remove(entry.urn)
            self.note("delete", entry)

    def _object(self, entry: Entry, doomed: set[tuple[str, str]]) -> None:
        for leftover in entry.leftovers:
            self._object(replace(entry, inputs=leftover, leftovers=[]), doomed)
        body = objects.body_of(entry.type, entry.inputs)
        namespace = (body["metadata"] or {}).get("namespace")
        if (entry.provider, namespace) in doomed and body["kind"] not in IN_ORDER:
            return
        cluster = self.clusters.reopen(self.state.entries, entry.provider, self.progress)
        objects.delete(cluster, body, self.progress)
