"""What an engine is to the command line, whichever engine it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

from warren.engines.values import Properties, PropertyChange, mask

Operation = Literal["create", "update", "replace", "delete", "same"]

OPERATIONS: tuple[Operation, ...] = ("create", "update", "replace", "delete", "same")

SCHEMA = "warren.plan/1"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """What the user says about clusters that are not as the state remembers them.

    Attributes:
        rebuilt: a context may lead to another cluster than at the last run; the stack's objects are
            made in it anew.
        skip_unreachable: `down` forgets what is in clusters that do not answer.
    """

    rebuilt: bool = False
    skip_unreachable: bool = False


class EngineError(Exception):
    """An engine can't go on. The text says why; `remedy` says what to do."""

    def __init__(self, message: str, remedy: str, exit_code: int = 1) -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.message = message
        self.remedy = remedy
        self.exit_code = exit_code


@dataclass(frozen=True)
class Step:
    """What would happen (or has happened) to one resource.

    Attributes:
        op: the operation.
        urn: Pulumi's name of the resource.
        type: type token.
        name: logical name.
        parent: URN of the parent, "" for none.
        custom: whether it is a resource of a provider, and not a component.
        inputs: properties that the program gave; with marks for secrets and unknowns.
        changes: differences to the last state.
        reasons: properties whose change makes a replacement.
        protect: deletion is refused.
        provider: URN of the provider resource, "" for the default one.
    """

    op: Operation
    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    inputs: Properties = field(default_factory=dict)
    changes: Sequence[PropertyChange] = ()
    reasons: Sequence[str] = ()
    protect: bool = False
    provider: str = ""

    def to_json(self) -> dict[str, Any]:
        """The step for machines; secrets masked."""
        return asdict(self) | {"inputs": mask(self.inputs)}


@dataclass(frozen=True)
class Plan:
    """What `up` would do.

    Attributes:
        stack: the stack.
        steps: every registered or deleted resource, parents before children.
        outputs: the stack's outputs, with marks.
    """

    stack: str
    steps: Sequence[Step]
    outputs: Properties

    @property
    def counts(self) -> dict[str, int]:
        """Resources by operation."""
        counted = Counter(step.op for step in self.steps)
        return {operation: counted[operation] for operation in OPERATIONS}

    @property
    def changes(self) -> int:
        """How many resources would change."""
        return sum(1 for step in self.steps if step.op != "same")

    def to_json(self) -> dict[str, Any]:
        """The plan for machines; secrets masked."""
        return {
            "schema": SCHEMA,
            "stack": self.stack,
            "counts": self.counts,
            "steps": [step.to_json() for step in self.steps],
            "outputs": mask(self.outputs),
        }


@dataclass(frozen=True)
class Result:
    """What `up` or `down` did.

    Attributes:
        counts: resources by operation.
        changed: what was done, one line each.
        outputs: the stack's outputs, with marks.
    """

    counts: dict[str, int]
    changed: Sequence[str]
    outputs: Properties

    @property
    def changes(self) -> int:
        """How many resources changed."""
        return sum(count for operation, count in self.counts.items() if operation != "same")


class Engine(Protocol):
    """Something that runs the program."""

    name: str

    def preview(self, progress: Progress) -> Plan:
        """What `up` would do. Changes nothing."""
        ...

    def up(self, progress: Progress) -> Result:
        """Makes the world as the program says."""
        ...

    def down(self, progress: Progress) -> Result:
        """Takes everything of the stack away."""
        ...

    def outputs(self) -> Properties | None:
        """The stack's outputs, secrets marked; None when it was never brought up."""
        ...
