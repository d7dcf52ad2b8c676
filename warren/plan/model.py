"""What `up` would do, whoever found it out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from warren.plan.differences import PropertyChange
from warren.values import Properties, mask

Operation = Literal["create", "update", "replace", "delete", "same"]

OPERATIONS: tuple[Operation, ...] = ("create", "update", "replace", "delete", "same")

SCHEMA = "warren.plan/1"


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
        """The plan for machines; secrets masked. In an order that two runs have in common.

        The program registers its resources side by side, so that the order of steps is chance.
        """
        return {
            "schema": SCHEMA,
            "stack": self.stack,
            "counts": self.counts,
            "steps": [step.to_json() for step in sorted(self.steps, key=lambda item: item.urn)],
            "outputs": mask(self.outputs),
        }
