"""The offline plan: the program run with preview semantics, compared with the embedded engine's last
state. Touches no network and no kubeconfig."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Mapping

from warren.plan import renewal
from warren.plan.differences import diff
from warren.plan.model import Operation, Plan, Step
from warren.plan.replacement import replacing
from warren.plan.state import Entry, State
from warren.runs.project import Project
from warren.sdk import packages as sdk_packages
from warren.sdk.program import Registered, Registration, run
from warren.values import UNKNOWN, Properties, contains


class PlanHandler:
    """Answers with what is known: the last state's outputs where nothing changes, else the inputs."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = entries

    def register(self, registration: Registration) -> Registered:
        """Outputs that `up` would give, as far as they are known now."""
        if not registration.custom:
            return Registered("", {})
        entry = self._entries.get(registration.urn)
        if entry is None or entry.intent:
            return Registered("", dict(registration.inputs))
        changes = diff(entry.inputs, registration.inputs)
        if not changes and not renewal.due(registration.type, entry.outputs):
            return Registered(entry.id, entry.outputs)
        if replacing(registration.type, changes) or registration.type.startswith(
            ("random:", "tls:")
        ):
            return Registered("", dict(registration.inputs))
        known = {key: UNKNOWN for key in entry.outputs if key not in registration.inputs}
        return Registered(entry.id, {**known, **registration.inputs})

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """Providers are not asked: nothing of their answer is known."""
        del token, arguments
        return {}


def plan(project: Project, state: State) -> Plan:
    """What `up` would do, as far as it can be known without asking anybody."""
    sdk_packages.install()
    if not gc.isenabled():
        # Of a process that does without the collector, its end is one collection of all there is;
        # what is frozen is left out of it.
        atexit.register(gc.freeze)
    result = run(project, PlanHandler(state.entries), dry_run=True)
    steps = [_step(item, state.entries.get(item.urn)) for item in result.registrations]
    registered = {item.urn for item in result.registrations}
    steps += [
        Step(
            "delete",
            item.urn,
            item.type,
            item.name,
            item.parent,
            item.custom,
            item.inputs,
            protect=item.protect,
            provider=item.provider,
        )
        for item in state.entries.values()
        if item.urn not in registered
    ]
    return Plan(project.stack, steps, result.outputs)


def _step(registration: Registration, entry: Entry | None) -> Step:
    changes = [] if entry is None else diff(entry.inputs, registration.inputs)
    reasons = replacing(registration.type, changes)
    operation: Operation = "same"
    if entry is None or entry.intent == "create":
        operation = "create"
    elif reasons:
        operation = "replace"
    elif renewal.due(registration.type, entry.outputs):
        operation, reasons = "replace", ["readyForRenewal"]
    elif changes or entry.intent:
        operation = "update"
    return Step(
        op=operation,
        urn=registration.urn,
        type=registration.type,
        name=registration.name,
        parent=registration.parent,
        custom=registration.custom,
        inputs=registration.inputs,
        changes=changes,
        reasons=reasons,
        protect=registration.protect,
        provider=registration.provider,
    )


def has_unknowns(properties: Properties) -> bool:
    """Whether something in the properties is known only at `up`."""
    return contains(properties, "unknown")
