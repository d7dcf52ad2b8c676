"""`warren up`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from warren.cli.common import Cwd, EngineName, Json, Rebuilt, StackName, print_json, say
from warren.engines.base import Engine, Options, Result
from warren.errors import WarrenError
from warren.runs.project import Project, read

SCHEMA = "warren.up/1"


def up(
    stack: StackName = "dev",
    as_json: Json = False,
    engine: EngineName = "auto",
    wait: Annotated[bool, typer.Option(help="Wait until brokers and links are healthy.")] = True,
    rebuilt: Rebuilt = False,
    cwd: Cwd = Path(),
) -> None:
    """Bring the stack up: its lab if it has one, its regions, its links. Runs again without harm.

    Exit codes: 0 healthy; 1 failed, or not healthy in time; 2 wrong settings; 130 interrupted: run it
    again. Example: warren up --stack dev
    """
    from warren.engines import text
    from warren.engines.select import engine_for
    from warren.estate import waiting
    from warren.runs import labs, settings
    from warren.runs.timing import Stopwatch

    watch = Stopwatch(os.environ, Path(sys.prefix))
    project = read(cwd.resolve(), stack)
    settings.check(project)
    runner = engine_for(project, engine, Options(rebuilt=rebuilt))
    say(f"stack {stack}, engine {runner.name}")
    with watch.part("lab"):
        lab_changed = labs.ensure(project, say)
    if lab_changed:
        # A lab that was just started may be a new one under the old name, and is ours to fill.
        runner = engine_for(project, engine, Options(rebuilt=True))
    with watch.part("resources"):
        result = _run(runner, project)
    with watch.part("health"):
        put_right, status = waiting.settled(project, result.outputs, say, wait=wait)
    if as_json:
        more = {"schema": SCHEMA, "put_right": sorted(put_right), "timing": watch.to_json()}
        print_json(result.to_json() | more | ({"status": status.to_json()} if status else {}))
    else:
        typer.echo(text.summary(result, lab_changed=lab_changed, put_right=put_right))
        if status is not None:
            from warren.estate.text import status_table

            typer.echo(status_table(status))
            typer.echo(text.next_steps(stack, has_lab=labs.settings_of(project) is not None))
    healthy = status is None or status.verdict == "healthy"
    say(watch.text() if healthy else watch.text().replace("ready", "not healthy", 1))
    if status is not None and status.verdict != "healthy":
        raise typer.Exit(1)


def _run(engine: Engine, project: Project) -> Result:
    """Runs the engine; once more where a topology job may have failed for want of an administrator."""
    try:
        return engine.up(say)
    except WarrenError:
        from warren.estate import healing

        outputs = engine.outputs()
        if not outputs or not healing.let_administrators_in(outputs, project.directory, say):
            raise
    return engine.up(say)
