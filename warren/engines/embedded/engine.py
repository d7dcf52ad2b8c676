"""The embedded engine: applies each resource while the program registers it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from warren.engines import offline
from warren.engines.base import EngineError, Plan, Progress, Result, Step
from warren.engines.embedded import certificates, objects, passwords
from warren.engines.embedded.cluster import Cluster, ObjectRef
from warren.engines.embedded.lock import locked
from warren.engines.program import Registered, Registration, run
from warren.engines.project import Project
from warren.engines.replacement import replacing
from warren.engines.state import Entry, State
from warren.engines.values import Properties, diff, reveal

PROVIDER = "pulumi:providers:kubernetes"

RESUME = "What was done is remembered: run up again and it goes on from there."


class EmbeddedEngine:
    """Runs a project's program without the pulumi CLI.

    Args:
        project: program and stack.
    """

    name = "embedded"

    def __init__(self, project: Project) -> None:
        self.project = project
        self.directory = project.directory / ".warren" / project.stack

    def preview(self, progress: Progress) -> Plan:
        """The offline plan against the last state."""
        del progress
        return offline.plan(self.project, State(self.directory))

    def up(self, progress: Progress) -> Result:
        """Applies the program, then takes away what it no longer registers."""
        with locked(self.directory, f"up --stack {self.project.stack}"):
            state = State(self.directory)
            plan = offline.plan(self.project, state)
            _refuse_clouds(plan)
            _refuse_protected([step for step in plan.steps if step.op == "delete"])
            handler = _Apply(self.project, state, progress)
            try:
                result = run(self.project, handler, dry_run=False)
            except KeyboardInterrupt:
                raise EngineError("Interrupted.", RESUME, exit_code=130) from None
            registered = {item.urn for item in result.registrations}
            _delete(
                handler.clusters,
                state,
                [entry for urn, entry in state.entries.items() if urn not in registered],
                progress,
                handler.note,
            )
            state.finish(result.outputs)
        return Result(dict(handler.counts), handler.changed, result.outputs)

    def down(self, progress: Progress) -> Result:
        """Deletes everything that the state knows, last made first. The program is not run."""
        with locked(self.directory, f"down --stack {self.project.stack}"):
            state = State(self.directory)
            entries = list(state.entries.values())
            _refuse_protected([_step_of(entry) for entry in entries])
            clusters = Clusters(self.project)
            for entry in entries:
                if entry.type == PROVIDER:
                    clusters.connect(entry.urn, entry.inputs)
            counts: Counter[str] = Counter()
            changed: list[str] = []

            def note(what: str, entry: Entry) -> None:
                counts[what] += 1
                changed.append(f"{what} {entry.type} {entry.name}")

            _delete(clusters, state, entries, progress, note)
            state.finish(None)
        return Result(dict(counts), changed, {})

    def outputs(self) -> Properties | None:
        """The outputs of the last `up`."""
        return State(self.directory).outputs


def _refuse_clouds(plan: Plan) -> None:
    """Before anything is applied: half an estate is worse than none."""
    types = objects.supported([step.type for step in plan.steps if step.custom])
    if types:
        raise EngineError(
            f"The stack has resources that the embedded engine can't make: {', '.join(types[:5])}"
            f"{' and more' if len(types) > 5 else ''}.",
            "Install the pulumi CLI and run again; 'warren plan' works without it.",
        )


def _refuse_protected(steps: Sequence[Step]) -> None:
    protected = [step.urn for step in steps if step.protect]
    if protected:
        raise EngineError(
            f"{len(protected)} protected resource(s) would be deleted, such as {protected[0]}.",
            "Take the protection away first (regions.<region>.protect: false), run up, then again.",
        )


def _step_of(entry: Entry) -> Step:
    return Step(
        "delete",
        entry.urn,
        entry.type,
        entry.name,
        entry.parent,
        entry.custom,
        protect=entry.protect,
    )


class Clusters:
    """The Kubernetes clusters of a run, by the URN of their provider."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, Cluster] = {}

    def connect(self, urn: str, inputs: Properties) -> Cluster:
        """Opens a provider's cluster and checks that it answers."""
        given = reveal(inputs)
        context = given.get("context")
        if not context:
            raise EngineError(
                f"The Kubernetes provider {urn.rpartition('::')[2]} names no context.",
                "Give it one: the current context of a kubeconfig is nobody's promise.",
            )
        cluster = Cluster(given.get("kubeconfig"), context, self._project.directory)
        cluster.check()
        self._known[urn] = cluster
        return cluster

    def of(self, provider: str, name: str) -> Cluster:
        """The cluster of a resource's provider."""
        if provider not in self._known:
            raise EngineError(
                f"'{name}' has no Kubernetes provider of its own.",
                "Give every Kubernetes resource an explicit provider.",
            )
        return self._known[provider]


class _Apply:
    """Answers each registration by making it so."""

    def __init__(self, project: Project, state: State, progress: Progress) -> None:
        self.clusters = Clusters(project)
        self.counts: Counter[str] = Counter()
        self.changed: list[str] = []
        self._state = state
        self._progress = progress
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
        raise EngineError(
            f"The program calls {token}.", "Only the pulumi CLI can answer; use --engine pulumi."
        )

    def register(self, registration: Registration) -> Registered:
        """Makes a resource and remembers it."""
        old = self._state.entries.get(registration.urn)
        entry = _entry(registration)
        if not registration.custom:
            if old is None or old.inputs != entry.inputs or old.parent != entry.parent:
                self._state.put(entry)
            return Registered("", {})
        if registration.type == PROVIDER:
            self.clusters.connect(registration.urn, registration.inputs)
            return self._keep(replace(entry, id=f"{registration.name}-provider"), old)
        if registration.type.startswith("kubernetes:"):
            return self._kubernetes(registration, entry, old)
        return self._value(registration, entry, old)

    def _keep(self, entry: Entry, old: Entry | None) -> Registered:
        if old is None:
            self.note("create", entry)
        else:
            self.note("same" if old.inputs == entry.inputs else "update", entry)
        entry = replace(entry, outputs=dict(entry.inputs))
        if old != entry:
            self._state.put(entry)
        return Registered(entry.id, entry.outputs)

    def _value(self, registration: Registration, entry: Entry, old: Entry | None) -> Registered:
        due = old is not None and certificates.due(registration.type, old.outputs)
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
        cluster = self.clusters.of(registration.provider, registration.name)
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
            seconds=objects.timeout_seconds(registration.timeouts.get("create")),
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


def _delete(
    clusters: Clusters,
    state: State,
    entries: Sequence[Entry],
    progress: Progress,
    note: object,
) -> None:
    """Deletes entries, the last made first, which is dependents before what they depend on."""
    doomed_namespaces: set[tuple[str, str]] = {
        (entry.provider, objects.body_of(entry.type, entry.inputs)["metadata"]["name"])
        for entry in entries
        if entry.type == "kubernetes:core/v1:Namespace"
    }
    for entry in reversed(entries):
        if entry.type.startswith("kubernetes:") and not entry.retain_on_delete:
            _delete_object(clusters, state, entry, doomed_namespaces, progress)
        state.remove(entry.urn)
        if callable(note):
            note("delete", entry)


def _delete_object(
    clusters: Clusters,
    state: State,
    entry: Entry,
    doomed: set[tuple[str, str]],
    progress: Progress,
) -> None:
    for leftover in entry.leftovers:
        _delete_object(
            clusters, state, replace(entry, inputs=leftover, leftovers=[]), doomed, progress
        )
    body = objects.body_of(entry.type, entry.inputs)
    namespace = (body["metadata"] or {}).get("namespace")
    if (entry.provider, namespace) in doomed and body["kind"] not in ("StatefulSet", "Service"):
        return  # goes with its namespace; brokers and addresses are let go in order first
    try:
        cluster = clusters.of(entry.provider, entry.name)
    except EngineError:
        provider = state.entries.get(entry.provider)
        if provider is None:
            raise
        cluster = clusters.connect(entry.provider, provider.inputs)
    objects.delete(cluster, body, progress)
