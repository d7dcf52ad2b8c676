"""Which engine runs a stack: never another than the one that made it."""

from __future__ import annotations

import shutil
from typing import Literal

from warren.engines.base import Engine, Options
from warren.engines.pulumi import state as pulumi_state
from warren.errors import WarrenError
from warren.plan.state import State
from warren.runs.project import Project
from warren.values import Properties

# An engine is imported when it is chosen: Pulumi's SDK costs a second, and `status` needs none of it.


def engine_for(project: Project, choice: str, options: Options = Options()) -> Engine:  # noqa: B008
    """The engine of a stack: the one that made it; else the pulumi CLI where it is on PATH; else the
    embedded one.

    A stack that an engine has begun to make is never given to the other, which would make a second
    estate over the first.

    Raises:
        WarrenError: the choice can't be had, or the stack lives in the other engine's state.
    """
    if _chosen(project, choice) == "pulumi":
        from warren.engines.pulumi.engine import PulumiEngine

        return PulumiEngine(project, options)
    from warren.engines.embedded.engine import EmbeddedEngine

    return EmbeddedEngine(project, options)


def outputs_of(project: Project, choice: str) -> Properties:
    """A stack's outputs, secrets marked.

    Raises:
        WarrenError: the stack is not up; or as `engine_for`.
    """
    if _chosen(project, choice) == "embedded":
        found = _state(project).outputs
    else:
        found = engine_for(project, choice).outputs()
    if found is None:
        raise WarrenError(
            f"Stack '{project.stack}' is not up.", f"Run: warren up --stack {project.stack}", 3
        )
    return found


def on_path() -> bool:
    """Whether there is a `pulumi` to run."""
    return shutil.which("pulumi") is not None


def _state(project: Project) -> State:
    return State(project.directory / ".warren" / project.stack)


def _chosen(project: Project, choice: str) -> Literal["pulumi", "embedded"]:
    if choice not in ("auto", "pulumi", "embedded"):
        raise WarrenError(f"There is no engine '{choice}'.", "Choose auto, pulumi or embedded.", 2)
    state = _state(project)
    lives_embedded = bool(state.entries) or state.outputs is not None
    there = pulumi_state.lives_in(project)
    if choice == "pulumi" and not on_path():
        raise WarrenError(
            "The pulumi CLI is not on PATH.", "Install it, or use --engine embedded.", 2
        )
    if choice == "pulumi" and lives_embedded:
        raise WarrenError(
            f"Stack '{project.stack}' was brought up by the embedded engine, and pulumi does not "
            "know its resources.",
            "Go on with --engine embedded, or take it down with that first.",
            2,
        )
    if lives_embedded or (not there and (choice == "embedded" or not on_path())):
        return "embedded"
    if there and (choice == "embedded" or not on_path()):
        raise _lives_in_pulumi(project, there)
    return "pulumi"


def _lives_in_pulumi(project: Project, there: str) -> WarrenError:
    how = "Go on with --engine pulumi" if on_path() else "Put pulumi on PATH"
    file = pulumi_state.mark_file(project)
    gone = f"; if it is gone from there already, delete {file}" if file.exists() else ""
    return WarrenError(
        f"Stack '{project.stack}' was brought up by pulumi, which keeps it in {there}; the embedded "
        "engine does not know its resources.",
        f"{how}, or take it down with that first{gone}.",
        2,
    )
