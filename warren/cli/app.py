"""The commands together, and how errors end them."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from warren.cli.down import down
from warren.cli.outputs import outputs
from warren.cli.plan import plan, preview
from warren.cli.status import status
from warren.cli.up import up
from warren.errors import WarrenError
from warren.runs.stopping import INTERRUPTED

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    help="RabbitMQ across clouds and regions.",
    epilog="Exit codes: 0 done or healthy; 1 failed or degraded; 2 wrong settings or arguments; "
    "3 the estate is down; 4 something would change (with --detailed-exitcode); 130 interrupted. "
    "NO_COLOR=1: no colours. WARREN_TRACEBACK=1: the whole of an unexpected fault.",
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"warren {version('warren')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[  # pyright: ignore[reportUnusedParameter]
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Say the version."),
    ] = False,
) -> None:
    """RabbitMQ across clouds and regions."""


for _command in (up, preview, plan, down, status, outputs):
    app.command()(_command)


def _wrong_settings(error: Exception) -> str | None:
    from components.settings import SettingsError

    return str(error) if isinstance(error, SettingsError) else None


def run() -> None:
    """Runs the command that was asked for: an error is one paragraph and an exit code."""
    try:
        app()
    except SystemExit as end:
        # typer ends an interrupted command with this code, and without a word.
        if end.code == INTERRUPTED:
            raise KeyboardInterrupt from None
        raise
    except WarrenError as error:
        typer.echo(f"warren: {error}", err=True)
        sys.exit(error.exit_code)
    except Exception as error:
        # Only here, since most commands end without having checked any settings.
        if (wrong := _wrong_settings(error)) is not None:
            typer.echo(f"warren: {wrong}", err=True)
            sys.exit(2)
        if os.environ.get("WARREN_TRACEBACK"):
            raise
        last = traceback.extract_tb(error.__traceback__)[-1]
        typer.echo(
            f"warren: a fault of the program's own, in {Path(last.filename).name} line {last.lineno}. "
            "Nothing more is done. WARREN_TRACEBACK=1 shows the whole of it: report that.",
            err=True,
        )
        sys.exit(1)
