"""Which engine runs a stack."""

from __future__ import annotations

from typing import Literal

from warren.engines.base import Engine, EngineError, Options
from warren.engines.embedded.engine import EmbeddedEngine
from warren.engines.project import Project
from warren.engines.pulumi_cli import PulumiEngine, on_path

Choice = Literal["auto", "pulumi", "embedded"]


def engine_for(project: Project, choice: str, options: Options = Options()) -> Engine:  # noqa: B008
    """The engine of a stack: the pulumi CLI where it is on PATH, else the embedded one.

    Raises:
        EngineError: the choice can't be had, or the stack lives in the other engine's state.
    """
    embedded = EmbeddedEngine(project, options)
    lives_embedded = embedded.outputs() is not None
    if choice == "embedded" or (choice == "auto" and not on_path()):
        return embedded
    if choice not in ("auto", "pulumi"):
        raise EngineError(f"There is no engine '{choice}'.", "Choose auto, pulumi or embedded.", 2)
    if not on_path():
        raise EngineError(
            "The pulumi CLI is not on PATH.", "Install it, or use --engine embedded.", 2
        )
    if lives_embedded:
        raise EngineError(
            f"Stack '{project.stack}' was brought up by the embedded engine, and pulumi does not "
            "know its resources.",
            "Go on with --engine embedded, or take it down with that first.",
            2,
        )
    return PulumiEngine(project)
