"""What an engine is to the command line, whichever engine it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from warren.plan.model import Plan
from warren.runs.progress import Progress
from warren.values import Properties, mask


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

    def to_json(self) -> dict[str, Any]:
        """The result for machines, in an order that all runs have in common; secrets masked."""
        return {
            "counts": self.counts,
            "changed": sorted(self.changed),
            "outputs": mask(self.outputs),
        }


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
