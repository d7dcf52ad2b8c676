"""Which engine runs a stack: never another than the one that made it."""

from __future__ import annotations

from typing import Literal

from warren.engines import pulumi_state
from warren.engines.base import Engine, EngineError, Options
from warren.engines.embedded.engine import EmbeddedEngine
from warren.engines.project import Project
from warren.engines.pulumi_cli import PulumiEngine, on_path
from warren.engines.state import State

Choice = Literal["auto", "pulumi", "embedded"]


def engine_for(project: Project, choice: str, options: Options = Options()) -> Engine:  # noqa: B008
    """The engine of a stack: the one that made it; else the pulumi CLI where it is on PATH; else the
    embedded one.

    A stack that an engine has begun to make is never given to the other, which would make a second
    estate over the first.

    Raises:
        EngineError: the choice can't be had, or the stack lives in the other engine's state.
    """
    if choice not in ("auto", "pulumi", "embedded"):
        raise EngineError(f"There is no engine '{choice}'.", "Choose auto, pulumi or embedded.", 2)
    embedded = EmbeddedEngine(project, options)
    state = State(embedded.directory)
    lives_embedded = bool(state.entries) or state.outputs is not None
    there = pulumi_state.lives_in(project)
    if choice == "pulumi" and not on_path():
        raise EngineError(
            "The pulumi CLI is not on PATH.", "Install it, or use --engine embedded.", 2
        )
    if choice == "pulumi" and lives_embedded:
        raise EngineError(
            f"Stack '{project.stack}' was brought up by the embedded engine, and pulumi does not "
            "know its resources.",
            "Go on with --engine embedded, or take it down with that first.",
            2,
        )
    if lives_embedded or (not there and (choice == "embedded" or not on_path())):
        return embedded
    if there and (choice == "embedded" or not on_path()):
        raise _lives_in_pulumi(project, there)
    return PulumiEngine(project, options)


def _lives_in_pulumi(project: Project, there: str) -> EngineError:
    how = "Go on with --engine pulumi" if on_path() else "Put pulumi on PATH"
    file = pulumi_state.mark_file(project)
    gone = f"; if it is gone from there already, delete {file}" if file.exists() else ""
    return EngineError(
        f"Stack '{project.stack}' was brought up by pulumi, which keeps it in {there}; the embedded "
        "engine does not know its resources.",
        f"{how}, or take it down with that first{gone}.",
        2,
    )
