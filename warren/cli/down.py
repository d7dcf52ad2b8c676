"""`warren down`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from warren.cli.common import Cwd, EngineName, Json, Rebuilt, StackName, fail, print_json, say
from warren.engines.base import Options
from warren.runs.project import read

SCHEMA = "warren.down/1"


def down(
    stack: StackName = "dev",
    as_json: Json = False,
    engine: EngineName = "auto",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    lab: Annotated[bool, typer.Option("--lab", help="End the stack's lab too.")] = False,
    skip_unreachable: Annotated[
        bool,
        typer.Option(
            "--skip-unreachable",
            help="Forget what is in clusters that do not answer (it is not deleted there).",
        ),
    ] = False,
    rebuilt: Rebuilt = False,
    cwd: Cwd = Path(),
) -> None:
    """Delete everything of the stack, messages included.

    Exit codes: 0 gone; 1 refused or failed; 2 wrong settings, or not confirmed. Example: warren down
    --stack dev --lab --yes
    """
    from warren.engines.embedded.forgetting import forget
    from warren.engines.select import engine_for
    from warren.runs import labs

    project = read(cwd.resolve(), stack)
    if not yes:
        if not sys.stdin.isatty():
            fail(f"'down' deletes all of '{stack}'. Say --yes if that is meant.", 2)
        typed = typer.prompt(f"This deletes all of '{stack}', messages included. Type its name")
        if typed != stack:
            fail("That is another name; nothing was touched.", 2)
    options = Options(rebuilt=rebuilt, skip_unreachable=skip_unreachable)
    runner = engine_for(project, engine, options)
    if lab and labs.settings_of(project) is not None and runner.name == "embedded":
        # The lab goes with all that is in it: there is nothing to delete one by one.
        result = forget(project)
    else:
        result = runner.down(say)
    ended = lab and labs.end(project, say)
    if as_json:
        print_json({"schema": SCHEMA, "counts": result.counts, "lab_ended": ended})
    else:
        typer.echo(f"{result.counts.get('delete', 0)} resources of '{stack}' are gone.")
        if ended:
            typer.echo("The lab is down.")
