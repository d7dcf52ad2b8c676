"""Forgetting a stack whose clusters go with all that is in them."""

from __future__ import annotations

from warren.engines.base import Result
from warren.plan.state import State
from warren.runs.lock import locked
from warren.runs.project import Project


def forget(project: Project) -> Result:
    """Empties the state; nothing is asked of any cluster."""
    directory = project.directory / ".warren" / project.stack
    with locked(directory, f"down --stack {project.stack}"):
        state = State(directory)
        count = len(state.entries)
        state.entries.clear()
        if count:
            state.finish(None)
    return Result({"delete": count}, [], {})
