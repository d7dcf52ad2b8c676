"""The embedded engine: applies each resource while the program registers it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from warren.engines.base import Options, Result
from warren.engines.embedded import certificates, objects, passwords, preflight
from warren.engines.embedded.clusters import PROVIDER, Clusters, identity_of
from warren.engines.embedded.deletion import Deletion
from warren.errors import WarrenError
from warren.live.kubernetes import Cluster
from warren.live.objects import ObjectRef
from warren.plan import offline, renewal
from warren.plan.differences import diff
from warren.plan.model import Plan
from warren.plan.replacement import replacing
from warren.plan.state import Entry, State
from warren.runs.lock import locked
from warren.runs.progress import Progress
from warren.runs.project import Project
from warren.runs.stopping import Stop, on_signals
from warren.sdk.program import Registered, Registration, run
from warren.values import Properties


class EmbeddedEngine:
    """Runs a project's program without the pulumi CLI.

    Args:
        project: program and stack.
        options: what to do about clusters that are not as remembered.
    """

    name = "embedded"

    def __init__(self, project: Project, options: Options = Options()) -> None:  # noqa: B008
        self.project = project
        self.options = options
        self.directory = project.directory / ".warren" / project.stack

    def preview(self, progress: Progress) -> Plan:
        """The offline plan against the last state.

        Raises:
            WarrenError: `up` would refuse it.
        """
        del progress
        plan = offline.plan(self.project, State(self.directory))
        preflight.refuse_unknown_types(plan)
        preflight.refuse_protected_deletes(plan)
        return plan

    def up(self, progress: Progress) -> Result:
        """Applies the program, then takes away what it no longer registers."""
        stop = Stop()
        with (
            locked(self.directory, f"up --stack {self.project.stack}"),
            on_signals(stop, progress),
        ):
            state = State(self.directory)
            plan = offline.plan(self.project, state)
            preflight.refuse_unknown_types(plan)
            preflight.refuse_protected_deletes(plan)
            clusters = Clusters(self.project, stop, rebuilt=self.options.rebuilt)
            handler = _Apply(clusters, state, progress, stop)
            result = run(self.project, handler, dry_run=False)
            registered = {item.urn for item in result.registrations}
            gone = [entry for urn, entry in state.entries.items() if urn not in registered]
            deletion = Deletion(clusters, state, progress, handler.note, stop)
            deletion.check(gone)
            deletion.run(gone)
            state.finish(result.outputs)
        return Result(dict(handler.counts), handler.changed, result.outputs)

    def down(self, progress: Progress) -> Result:
        """Deletes everything that the state knows, last made first. The program is not run."""
        stop = Stop("down")
        with (
            locked(self.directory, f"down --stack {self.project.stack}"),
            on_signals(stop, progress),
        ):
            state = State(self.directory)
            entries = list(state.entries.values())
            preflight.refuse_protected(entries)
            counts: Counter[str] = Counter()
            changed: list[str] = []

            def note(what: str, entry: Entry) -> None:
                counts[what] += 1
                changed.append(f"{what} {entry.type} {entry.name}")

            clusters = Clusters(self.project, stop, rebuilt=self.options.rebuilt)
            deletion = Deletion(
                clusters, state, progress, note, stop, self.options.skip_unreachable
            )
            deletion.check(entries)
            deletion.run(entries)
            state.finish(None)
            for provider, count in deletion.skipped.items():
                progress(
                    f"{provider.rpartition('::')[2]}: {count} objects were forgotten, not deleted"
                )
        return Result(dict(counts), changed, {})

    def outputs(self) -> Properties | None:
        """The outputs of the last `up`."""
        return State(self.directory).outputs


class _Apply:
    """Answers each registration by making it so."""

    def __init__(self, clusters: Clusters, state: State, progress: Progress, stop: Stop) -> None:
        self.counts: Counter[str] = Counter()
        self.changed: list[str] = []
        self._clusters = clusters
        self._state = state
        self._progress = progress
        self._stop = stop
        self._lock = threading.Lock()

    def note(self, what: str, entry: Entry) -> None:
        """Counts an operation, and tells of it if it is one."""
        with self._lock:
            self.counts[what] += 1
        if what != "same" and entry.custom:
            line = f"{what} {entry.type} {entry.name}"
            self.changed.append(line)
            self._progress(line)

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """No provider's function is known here."""
        del arguments
        raise WarrenError(
            f"The program calls {token}.", "Only the pulumi CLI can answer; use --engine pulumi."
        )

    def register(self, registration: Registration) -> Registered:
        """Makes a resource and remembers it."""
        self._stop.check()
        old = self._state.entries.get(registration.urn)
        entry = _entry(registration)
        if not registration.custom:
            if old is None or old.inputs != entry.inputs or old.parent != entry.parent:
                self._state.put(entry)
            return Registered("", {})
        if registration.type == PROVIDER:
            return self._provider(registration, entry, old)
        if registration.type.startswith("kubernetes:"):
            return self._kubernetes(registration, entry, old)
        return self._value(registration, entry, old)

    def _provider(self, registration: Registration, entry: Entry, old: Entry | None) -> Registered:
        remembered = identity_of(old)
        _, identity = self._clusters.connect(
            registration.urn, registration.inputs, remembered, self._progress
        )
        entry = replace(entry, id=identity or remembered or f"{registration.name}-provider")
        if old is None:
            self.note("create", entry)
        else:
            self.note("same" if old.inputs == entry.inputs else "update", entry)
        entry = replace(entry, outputs=dict(entry.inputs))
        if old != entry:
            self._state.put(entry)
        return Registered(entry.id, entry.outputs)

    def _value(self, registration: Registration, entry: Entry, old: Entry | None) -> Registered:
        due = old is not None and renewal.due(registration.type, old.outputs)
        if old is not None and not due and not diff(old.inputs, entry.inputs):
            self.note("same", entry)
            return Registered(old.id, old.outputs)
        module = passwords if registration.type.startswith("random:") else certificates
        identity, outputs = module.make(registration.type, registration.inputs)
        entry = replace(entry, id=identity, outputs=outputs)
        self._state.put(entry)
        self.note("create" if old is None else "replace", entry)
        return Registered(identity, outputs)

    def _kubernetes(
        self, registration: Registration, entry: Entry, old: Entry | None
    ) -> Registered:
        cluster = self._clusters.of(registration.provider, registration.name)
        body = objects.body_of(registration.type, registration.inputs)
        ref = objects.reference(body)
        changes = diff(old.inputs, entry.inputs) if old is not None else []
        leftovers = self._leftovers(old, ref)
        if old is None or old.intent or changes:
            # Known before it is made: if this run is killed now, the next one knows of it.
            intent = "create" if old is None else (old.intent or "update")
            self._state.put(replace(entry, id=str(ref), intent=intent, leftovers=leftovers))
        if registration.delete_before_replace:
            self._clear(cluster, old, leftovers)
        what, live = objects.apply(
            cluster,
            body,
            replace=bool(replacing(registration.type, changes)) and not leftovers,
            seconds=objects.timeout_seconds(
                registration.timeouts.get("create" if old is None else "update")
            ),
            progress=self._progress,
        )
        self._clear(cluster, old, leftovers)
        outputs = objects.outputs_of(live, registration.inputs)
        entry = replace(entry, id=str(ref), outputs=outputs)
        operation = {"created": "create", "updated": "update", "replaced": "replace"}.get(
            what, "same"
        )
        if leftovers:
            operation = "replace"
        if operation == "create" and old is not None and not old.intent:
            self._progress(f"{ref}: was gone, and is made again")
        if old is None or old.intent or changes or operation != "same" or _moved(old, entry):
            self._state.put(entry)
        self.note(operation, entry)
        return Registered(entry.id, outputs)

    @staticmethod
    def _leftovers(old: Entry | None, ref: ObjectRef) -> list[Properties]:
        """Inputs of objects of this resource under other names than the present one."""
        if old is None:
            return []
        return [
            inputs
            for inputs in (old.inputs, *old.leftovers)
            if objects.reference(objects.body_of(old.type, inputs)) != ref
        ]

    def _clear(self, cluster: Cluster, old: Entry | None, leftovers: Sequence[Properties]) -> None:
        for inputs in leftovers:
            if old is not None:
                objects.delete(cluster, objects.body_of(old.type, inputs), self._progress)


def _moved(old: Entry, new: Entry) -> bool:
    """Whether something else about a resource has changed that the state must know."""
    address = ("status", "loadBalancer")
    return (old.protect, old.retain_on_delete, old.provider, list(old.dependencies)) != (
        new.protect,
        new.retain_on_delete,
        new.provider,
        list(new.dependencies),
    ) or (old.outputs.get(address[0]) or {}).get(address[1]) != (
        new.outputs.get(address[0]) or {}
    ).get(address[1])


def _entry(registration: Registration) -> Entry:
    return Entry(
        urn=registration.urn,
        type=registration.type,
        name=registration.name,
        parent=registration.parent,
        custom=registration.custom,
        id="",
        inputs=registration.inputs,
        outputs={},
        provider=registration.provider,
        dependencies=list(registration.dependencies),
        protect=registration.protect,
        retain_on_delete=registration.retain_on_delete,
    )
