"""`warren plan` and `warren preview`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from warren.cli.common import (
    Cwd,
    Detailed,
    EngineName,
    Json,
    StackName,
    Unchanged,
    fail,
    print_json,
    say,
    tell,
)
from warren.plan.model import Plan
from warren.runs import settings
from warren.runs.project import Project, read

CHANGES = 4
"""Exit code where something would change; 2 is for wrong settings and arguments."""

if TYPE_CHECKING:
    from warren.plan.policies import Judgement


def preview(
    stack: StackName = "dev",
    as_json: Json = False,
    engine: EngineName = "auto",
    unchanged: Unchanged = False,
    detailed: Detailed = False,
    cwd: Cwd = Path(),
) -> None:
    """Show what `up` would do, by the stack's engine; what `up` would refuse is refused here too.

    Exit codes: 0 done; 1 refused or failed; 2 wrong settings; 4 something would change (with
    --detailed-exitcode). Example: warren preview --stack prod --detailed-exitcode
    """
    from warren.engines.select import engine_for

    project = read(cwd.resolve(), stack)
    settings.check_keys(project)
    found = engine_for(project, engine).preview(say)
    _show(found, as_json, unchanged)
    if detailed and found.changes:
        raise typer.Exit(CHANGES)


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
    detailed: Detailed = False,
    cwd: Cwd = Path(),
) -> None:
    """Show what `up` would do without asking anybody: no network, no credentials.

    Exit codes: 0 done; 1 something mandatory is violated (with --policies); 2 wrong settings; 4
    something would change (with --detailed-exitcode). Example: warren plan --stack prod --against
    main --policies
    """
    import gc

    from warren.plan import offline
    from warren.plan.state import State

    # The clouds' SDKs make millions of small objects that all live to the end of this short process:
    # looking for garbage among them takes as long as everything else.
    gc.disable()
    if against is not None:
        form = "markdown" if as_markdown else "json" if as_json else "text"
        same = _compare(cwd.resolve(), stack, against, form, unchanged=unchanged, policies=policies)
        if detailed and not same:
            raise typer.Exit(CHANGES)
        return
    if as_markdown:
        fail("--markdown goes with --against.", 2)
    project = read(cwd.resolve(), stack)
    settings.check_keys(project)
    state = State(project.directory / ".warren" / stack)
    found = offline.plan(project, state)
    judgement = _judged(found, project) if policies else None
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
    if detailed and found.changes:
        raise typer.Exit(CHANGES)


def _judged(plan: Plan, project: Project) -> Judgement:
    from warren.plan.policies import judge

    return judge(plan, project)


def _compare(
    directory: Path,
    stack: str,
    reference: str,
    form: Literal["text", "json", "markdown"],
    *,
    unchanged: bool,
    policies: bool,
) -> bool:
    """Tells how two versions differ; whether they do not."""
    from warren.comparison import text
    from warren.comparison.compare import against

    found = against(directory, stack, reference, policies=policies)
    if form == "json":
        print_json(found.to_json(unchanged=unchanged))
    elif form == "markdown":
        typer.echo(text.markdown(found, unchanged=unchanged))
    else:
        tell(text.text(found, unchanged=unchanged))
    if found.judgement is not None and found.judgement.violated:
        raise typer.Exit(1)
    return found.nothing


def _show(found: Plan, as_json: bool, unchanged: bool) -> None:
    from warren.plan.text import plan_tree

    if as_json:
        print_json(found.to_json())
    else:
        tell(plan_tree(found, unchanged=unchanged))
