"""`warren status`."""

from __future__ import annotations

from pathlib import Path

import typer

from warren.cli.common import Cwd, EngineName, Json, StackName, print_json, tell
from warren.engines.select import outputs_of
from warren.estate.status import estate_status
from warren.estate.text import status_table
from warren.runs.project import read


def status(
    stack: StackName = "dev", as_json: Json = False, engine: EngineName = "auto", cwd: Cwd = Path()
) -> None:
    """Say how the estate is.

    Exit codes: 0 healthy; 1 degraded; 2 wrong settings; 3 down, or not up. Example: warren status
    --stack prod --json
    """
    project = read(cwd.resolve(), stack)
    found = estate_status(stack, outputs_of(project, engine), project.directory)
    if as_json:
        print_json(found.to_json())
    else:
        tell(status_table(found))
    raise typer.Exit({"healthy": 0, "degraded": 1, "down": 3}[found.verdict])
