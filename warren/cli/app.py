"""The commands together, and how errors end them."""

from __future__ import annotations

import sys

import typer

from warren.cli.down import down
from warren.cli.outputs import outputs
from warren.cli.plan import plan, preview
from warren.cli.status import status
from warren.cli.up import up
from warren.errors import WarrenError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="RabbitMQ across clouds and regions.",
    epilog="Exit codes: 0 done or healthy; 1 failed or degraded; 2 wrong settings or arguments; "
    "3 the estate is down; 130 interrupted.",
)
for _command in (up, preview, plan, down, status, outputs):
    app.command()(_command)


def run() -> None:
    """Runs the command that was asked for: an error is one paragraph and an exit code."""
    from components.settings.load import SettingsError

    try:
        app()
    except SettingsError as error:
        typer.echo(f"warren: {error}", err=True)
        sys.exit(2)
    except WarrenError as error:
        typer.echo(f"warren: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("warren: interrupted; run the same command again to go on.", err=True)
        sys.exit(130)
