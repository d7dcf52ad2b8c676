"""`warren plan` and `warren preview`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from warren.cli.common import Cwd, EngineName, Json, StackName, Unchanged, fail, print_json, say
from warren.plan.model import Plan
from warren.runs.project import read

if TYPE_CHECKING:
    from warren.plan.policies import Judgement


def preview(
    stack: StackName = "dev",
    as_json: Json = False,
    engine: EngineName = "auto",
    unchanged: Unchanged = False,
    cwd: Cwd = Path(),
) -> None:
    """Show what `up` would do, by the stack's engine."""
    from warren.engines.select import engine_for

    project = read(cwd.resolve(), stack)
    _show(engine_for(project, engine).preview(say), as_json, unchanged)


def plan(
    stack: StackName = "dev",
    as_json: Json = False,
    unchanged: Unchanged = False,
    against: Annotated[
        str | None,
        typer.Option(help="A git reference: what differs from it, resource by resource."),
    ] = None,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="With --against: for a pull request's comment.")
    ] = False,
    policies: Annotated[
        bool,
        typer.Option(
            "--policies", help="Hold the plan against the policies and the providers' SDKs too."
        ),
    ] = False,
    cwd: Cwd = Path(),
) -> None:
    """Show what `up` would do without asking anybody: no network, no credentials."""
    import gc

    from warren.plan import offline
    from warren.plan.state import State

    # The clouds' SDKs make millions of small objects that all live to the end of this short process:
    # looking for garbage among them takes as long as everything else.
    gc.disable()
    if against is not None:
        form = "markdown" if as_markdown else "json" if as_json else "text"
        _compare(cwd.resolve(), stack, against, form, unchanged=unchanged, policies=policies)
        return
    if as_markdown:
        fail("--markdown goes with --against.", 2)
    project = read(cwd.resolve(), stack)
    state = State(project.directory / ".warren" / stack)
    found = offline.plan(project, state)
    judgement = _judged(found, production=project.production) if policies else None
    if as_json:
        judged = {} if judgement is None else {"policies": judgement.to_json()}
        print_json(found.to_json() | judged)
    else:
        _show(found, False, unchanged)
    if judgement is not None:
        for line in judgement.lines:
            say(line)
        if judgement.violated:
            raise typer.Exit(1)


def _judged(plan: Plan, *, production: bool) -> Judgement:
    from warren.plan.policies import judge

    return judge(plan, production=production)


def _compare(
    directory: Path,
    stack: str,
    reference: str,
    form: Literal["text", "json", "markdown"],
    *,
    unchanged: bool,
    policies: bool,
) -> None:
    from warren.comparison import text
    from warren.comparison.compare import against

    found = against(directory, stack, reference, policies=policies)
    if form == "json":
        print_json(found.to_json(unchanged=unchanged))
    else:
        tell = text.markdown if form == "markdown" else text.text
        typer.echo(tell(found, unchanged=unchanged))
    if found.judgement is not None and found.judgement.violated:
        raise typer.Exit(1)


def _show(found: Plan, as_json: bool, unchanged: bool) -> None:
    from warren.plan.text import plan_tree

    if as_json:
        print_json(found.to_json())
    else:
        typer.echo(plan_tree(found, unchanged=unchanged))
