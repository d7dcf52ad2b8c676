"""What the commands share: options, and how they speak."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from warren.cli.terminal import shown

StackName = Annotated[
    str, typer.Option("--stack", "-s", help="The environment: Pulumi.<stack>.yaml.")
]
Cwd = Annotated[Path, typer.Option("--cwd", help="The project's directory.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
EngineName = Annotated[
    str, typer.Option("--engine", help="auto (pulumi where it is on PATH), pulumi or embedded.")
]
Unchanged = Annotated[bool, typer.Option("--all", help="Show what stays the same too.")]
Detailed = Annotated[
    bool,
    typer.Option("--detailed-exitcode", help="End with 4 where something would change, 0 if not."),
]
Rebuilt = Annotated[
    bool,
    typer.Option(
        "--rebuilt",
        help="A context leads to a new cluster in the place of the remembered one: fill it.",
    ),
]

_START = time.monotonic()


def say(text: str) -> None:
    """Progress goes to the standard error stream, so that results can be piped."""
    line = f"[{time.monotonic() - _START:6.1f} s] {text}"
    typer.echo(shown(line, sys.stderr), err=True)


def tell(text: str) -> None:
    """A result for people, on the standard output."""
    typer.echo(shown(text))


def fail(message: str, code: int) -> NoReturn:
    """Ends the command with an error of its own."""
    typer.echo(f"warren: {message}", err=True)
    raise typer.Exit(code)


def print_json(value: Any) -> None:
    """A result for machines, on the standard output; keys in an order that all runs have in common."""
    typer.echo(json.dumps(value, indent=1, sort_keys=True))
