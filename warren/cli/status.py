"""`warren status`."""

from __future__ import annotations

import threading
from pathlib import Path

import typer

from warren.cli.common import Cwd, EngineName, Json, StackName, print_json, say, tell
from warren.engines.select import outputs_of
from warren.estate.status import estate_status
from warren.estate.text import status_table
from warren.runs.project import read

PATIENCE_SECONDS = 2.0
"""Silence after which it is told what is waited for."""

WAITING = "asking every region; an API that does not answer is given up after 15 s"


def status(
    stack: StackName = "dev", as_json: Json = False, engine: EngineName = "auto", cwd: Cwd = Path()
) -> None:
    """Say how the estate is.

    Exit codes: 0 healthy; 1 degraded; 2 wrong settings; 3 down, or not up. Example: warren status
    --stack prod --json
    """
    project = read(cwd.resolve(), stack)
    known = outputs_of(project, engine)
    patient = threading.Timer(PATIENCE_SECONDS, say, [WAITING])
    patient.daemon = True
    patient.start()
    try:
        found = estate_status(stack, known, project.directory)
    finally:
        patient.cancel()
    if as_json:
        print_json(found.to_json())
    else:
        tell(status_table(found))
    raise typer.Exit({"healthy": 0, "degraded": 1, "down": 3}[found.verdict])
