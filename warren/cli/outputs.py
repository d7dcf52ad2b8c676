"""`warren outputs`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from warren.cli.common import Cwd, EngineName, Json, StackName, print_json
from warren.engines.select import outputs_of
from warren.runs.project import read
from warren.values import mask, reveal

SCHEMA = "warren.outputs/1"
"""Told beside the outputs, of which none has the name `schema`."""


def outputs(
    stack: StackName = "dev",
    as_json: Json = False,
    show_secrets: Annotated[
        bool, typer.Option("--show-secrets", help="Passwords in plain text.")
    ] = False,
    engine: EngineName = "auto",
    cwd: Cwd = Path(),
) -> None:
    """Print the stack's outputs: addresses, the CA, users' passwords (masked without --show-secrets).

    Exit codes: 0 done; 2 wrong settings; 3 the stack is not up. Example: warren outputs --stack dev
    --show-secrets --json
    """
    project = read(cwd.resolve(), stack)
    found = outputs_of(project, engine)
    shown = reveal(found) if show_secrets else mask(found)
    if as_json:
        print_json({**shown, "schema": SCHEMA})
        return
    for key, value in shown.items():
        text = value if isinstance(value, str) else json.dumps(value, indent=1)
        typer.echo(f"{key}: {text}")
