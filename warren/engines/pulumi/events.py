"""What the Pulumi engine tells while it works, in the words of `warren.engines.base`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from warren.plan.differences import PropertyChange, diff
from warren.plan.model import Operation, Step
from warren.runs.progress import Progress
from warren.values import MASK, SECRET_SIGNATURE, SIGNATURE, Properties, contains, secret

if TYPE_CHECKING:
    from pulumi.automation import events

ROOT_TYPE = "pulumi:pulumi:Stack"

_OPERATIONS: dict[str, Operation] = {
    "create": "create",
    "import": "create",
    "update": "update",
    "replace": "replace",
    "create-replacement": "replace",
    "delete-replaced": "replace",
    "read-replacement": "replace",
    "import-replacement": "replace",
    "delete": "delete",
    "same": "same",
    "read": "same",
}
"""Other operations (refresh, discard) are about pulumi's own state, and nothing happens to a resource."""

_QUOTED_KEY = re.compile(r'\["([^"]*)"\]')
_COLOR = re.compile(r"<\{%[^%]*%\}>")
_NOISE = re.compile(r"using pulumi-\w+-\S+ from \$PATH|Skipping await logic")


class Told:
    """Collects an operation's events: one step for each resource, however many pulumi makes of it.

    A replacement is three operations to pulumi, and one here. The stack's root and the default
    providers are left out: no other engine registers them.

    Args:
        progress: told of each custom resource that changed, of waits and of warnings.
        planning: whether nothing is done, only previewed.
    """

    def __init__(self, progress: Progress, *, planning: bool = False) -> None:
        self.errors: list[str] = []
        self.outputs: Properties = {}
        self._progress = progress
        self._planning = planning
        self._steps: dict[str, Step] = {}
        self._said: set[str] = set()

    def __call__(self, event: events.EngineEvent) -> None:
        """Takes one event; called on a thread of the Automation API's."""
        if event.resource_pre_event is not None and self._planning:
            self._step(event.resource_pre_event.metadata)
        elif event.res_outputs_event is not None:
            metadata = event.res_outputs_event.metadata
            if metadata.type == ROOT_TYPE and metadata.new is not None:
                self.outputs = _properties(metadata.new.outputs)
            if not self._planning:
                self._step(metadata)
        elif event.diagnostic_event is not None:
            self._diagnostic(event.diagnostic_event)

    def planning(self) -> Told:
        """A collector for the preview of the same operation, which says nothing but its errors."""
        told = Told(lambda _text: None, planning=True)
        told.errors = self.errors
        return told

    @property
    def steps(self) -> list[Step]:
        """All steps, in the order in which pulumi told of them."""
        return list(self._steps.values())

    @property
    def counts(self) -> dict[str, int]:
        """Custom resources by operation."""
        return dict(Counter(step.op for step in self._steps.values() if step.custom))

    @property
    def changed(self) -> list[str]:
        """What was done, one line each."""
        return [
            f"{step.op} {step.type} {step.name}"
            for step in self._steps.values()
            if step.custom and step.op != "same"
        ]

    def _step(self, metadata: Any) -> None:
        found = step(metadata)
        if found is None:
            return
        known = self._steps.get(found.urn)
        if known is not None and "replace" in (known.op, found.op):
            if known.op == "replace" and known.inputs:
                return
        elif known is not None and found.op == "same":
            return
        self._steps[found.urn] = found
        told = known is not None and known.op == found.op
        if found.custom and found.op != "same" and not self._planning and not told:
            self._progress(f"{found.op} {found.type} {found.name}")

    def _diagnostic(self, event: events.DiagnosticEvent) -> None:
        text = _COLOR.sub("", event.message).strip()
        name = (event.urn or "").rpartition("::")[2]
        line = f"{name}: {text}" if name and not text.startswith(name) else text
        if not text or event.severity == "debug" or line in self._said or _NOISE.match(text):
            return
        self._said.add(line)
        if "pending operations from previous deployment" in text:
            return  # told shorter, with what is done about them
        if event.severity == "error":
            self.errors.append(line)
        elif name or event.severity == "warning":
            self._progress(line)


def step(metadata: Any) -> Step | None:
    """One resource's step; None for what no other engine registers."""
    operation = _OPERATIONS.get(str(getattr(metadata.op, "value", metadata.op)))
    name = metadata.urn.rpartition("::")[2]
    if (
        operation is None
        or metadata.type == ROOT_TYPE
        or (metadata.type.startswith("pulumi:providers:") and _is_default(name))
    ):
        return None
    new, old = metadata.new, metadata.old
    state = new or old
    given = _properties(new.inputs if new else None)
    return Step(
        op=operation,
        urn=metadata.urn,
        type=metadata.type,
        name=name,
        parent=(state.parent if state else "") or "",
        custom=bool(state.custom) if state else True,
        inputs=given,
        changes=_changes(metadata, given) if operation in ("update", "replace") else (),
        reasons=list(metadata.keys or []),
        protect=bool(state.protect) if state else False,
        provider=_provider(metadata.provider or ""),
    )


def _is_default(name: str) -> bool:
    return name == "default" or name.startswith("default_")


def _provider(reference: str) -> str:
    urn = reference.rpartition("::")[0]
    return "" if _is_default(urn.rpartition("::")[2]) else urn


def _properties(given: Mapping[str, Any] | None) -> Properties:
    """As the program gives them: pulumi tells secrets masked, and bridged providers keep notes of
    their own between the properties."""
    return {key: _marked(value) for key, value in (given or {}).items() if not key.startswith("__")}


def _marked(value: Any) -> Any:
    if isinstance(value, dict):
        mapping = cast("dict[str, Any]", value)
        if mapping.get(SIGNATURE) == SECRET_SIGNATURE:
            return secret(MASK)
        return {key: _marked(item) for key, item in mapping.items()}
    if isinstance(value, list):
        return [_marked(item) for item in cast("list[Any]", value)]
    return secret(MASK) if value == MASK else value


def _changes(metadata: Any, given: Properties) -> list[PropertyChange]:
    """Differences of what the program gives, and those that only pulumi sees: in secrets, whose
    values it does not tell, and in the world, which has drifted."""
    changes = diff(_properties(metadata.old.inputs if metadata.old else None), given)
    known = [change.path for change in changes]
    for pulumis in sorted(metadata.detailed_diff or {}):
        path = _QUOTED_KEY.sub(r".\1", pulumis)
        if not path.startswith("__") and not any(_overlap(path, other) for other in known):
            top = path.partition(".")[0].partition("[")[0]
            word = MASK if contains(given.get(top), "secret") else "[drifted]"
            changes.append(PropertyChange(path, "change", word, word))
    return changes


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith((f"{other}.", f"{other}[")) or other.startswith(one)
