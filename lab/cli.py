"""The lab's command line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from lab import parts, prerequisites
from lab.api import DEFAULT_DIRECTORY, Lab, interruptible
from lab.errors import LabError
from lab.images import DEFAULT_RABBITMQ, RABBITMQ

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Real Kubernetes regions with a WAN between them, on this machine.",
)

Directory = Annotated[
    Path, typer.Option("--state-dir", help="Where the lab is kept; one lab a directory.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

_STARTED = time.monotonic()


def _say(text: str) -> None:
    typer.echo(f"[{time.monotonic() - _STARTED:6.1f} s] {text}", err=True)


def _done(result: dict[str, Any], text: str, as_json: bool) -> None:
    typer.echo(json.dumps(result, indent=1) if as_json else text)


@app.command()
def up(
    regions: Annotated[str, typer.Option(help="Names, with commas.")] = "east,west",
    with_image: Annotated[
        list[str] | None, typer.Option(help="Further RabbitMQ series: 4.0.")
    ] = None,
    state_dir: Directory = DEFAULT_DIRECTORY,
    as_json: Json = False,
) -> None:
    """Start the regions; what is missing is built or installed. Runs again without harm."""
    lab = Lab(state_dir, _say)
    with interruptible("Run 'python -m lab up' to go on, or 'python -m lab down' to clear it."):
        changed = lab.up(
            [item for item in regions.split(",") if item],
            [DEFAULT_RABBITMQ, *(with_image or [])],
        )
    text = f"Regions {regions} are up" + ("." if changed else " already; nothing to do.")
    _done(
        lab.status() | {"changed": changed}, f"{text}\nexport KUBECONFIG={lab.kubeconfig}", as_json
    )


@app.command()
def down(
    keep_disks: Annotated[bool, typer.Option(help="Keep what the regions have stored.")] = False,
    state_dir: Directory = DEFAULT_DIRECTORY,
) -> None:
    """End all of the lab, also what a killed run has left. Runs again without harm."""
    there = Lab(state_dir, _say).down(keep_disks=keep_disks)
    typer.echo("The lab is down." if there else "There was no lab.")


@app.command()
def status(state_dir: Directory = DEFAULT_DIRECTORY, as_json: Json = False) -> None:
    """Say what runs. Exit code 1 when something of a lab does not."""
    found = Lab(state_dir).status()
    lines = [
        f"{name}: {'up' if item['healthy'] else 'DOWN ' + ', '.join(item['down'])}"
        f"{', CUT OFF' if item['cut'] else ''}  {item['address']}  context {item['context']}"
        for name, item in found["regions"].items()
    ]
    lines += [
        f"round trip {pair.replace('|', ' - ')}: {milliseconds:g} ms"
        for pair, milliseconds in found.get("round_trips_ms", {}).items()
    ]
    _done(found, "\n".join(lines) or "There is no lab.", as_json)
    raise typer.Exit(0 if found["up"] or not found["regions"] else 1)


def milliseconds(text: str) -> float:
    """`60ms`, `0.2s` or a bare number of milliseconds."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s)?", text)
    if match is None:
        raise LabError(f"'{text}' is no time.", "Write it as 60ms or 0.2s.")
    return float(match.group(1)) * (1000 if match.group(2) == "s" else 1)


@app.command()
def delay(a: str, b: str, round_trip: str, state_dir: Directory = DEFAULT_DIRECTORY) -> None:
    """Set the round trip time between two regions: delay east west 60ms."""
    Lab(state_dir).delay(a, b, milliseconds(round_trip))
    typer.echo(f"Round trip between {a} and {b}: {milliseconds(round_trip):g} ms.")


@app.command()
def loss(region: str, share: float, state_dir: Directory = DEFAULT_DIRECTORY) -> None:
    """Lose a share of a region's packets: loss east 0.01."""
    Lab(state_dir).lose(region, share)
    typer.echo(f"{region} loses {share:.1%} of its packets.")


def _one(name: str, text: str, action: Callable[[Lab, str], None]) -> None:
    def command(region: str, state_dir: Directory = DEFAULT_DIRECTORY) -> None:
        action(Lab(state_dir, _say), region)
        typer.echo(text.format(region))

    command.__doc__ = action.__doc__
    app.command(name)(command)


_one("cut", "{} is cut off: its packets vanish.", Lab.cut)
_one("heal", "{} is reachable again.", Lab.heal)
_one("kill", "{} is dead; its disks stay.", Lab.kill)
_one("start", "{} is back.", Lab.start)


@app.command()
def build(
    every: Annotated[bool, typer.Option("--all", help="All RabbitMQ series.")] = False,
    state_dir: Directory = DEFAULT_DIRECTORY,
) -> None:
    """Only build what is missing and keep it for later."""
    prerequisites.check(state_dir, parts.cache_root(), _say)
    built = parts.build(_say, list(RABBITMQ) if every else (DEFAULT_RABBITMQ,))
    typer.echo(f"Parts are in {built.binary.parent.parent}.")


_PASS_ON = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    # All behind the region is the command's own, a `--` in it too.
    "allow_interspersed_args": False,
}


@app.command(context_settings=_PASS_ON)
def kubectl(context: typer.Context, region: str, state_dir: Directory = DEFAULT_DIRECTORY) -> None:
    """kubectl inside a region, where a cut WAN does not matter: kubectl east get pods -A."""
    found = Lab(state_dir).region(region)
    built = parts.build(_say)
    environment = {**os.environ, "KUBECONFIG": f"{found.paths.pki}/admin.kubeconfig"}
    _replace(found.place.key, [str(built.binary), "kubectl", *context.args], environment)


@app.command("exec", context_settings=_PASS_ON)
def execute(context: typer.Context, region: str, state_dir: Directory = DEFAULT_DIRECTORY) -> None:
    """Run a command in a region's network: exec east -- ip addr."""
    found = Lab(state_dir).region(region)
    command = context.args[1:] if context.args[:1] == ["--"] else context.args
    if not command:
        raise LabError("No command is given.", f"Say which: exec {region} -- ip addr.")
    _replace(found.place.key, command, dict(os.environ))


def _replace(namespace: str, command: list[str], environment: dict[str, str]) -> None:
    argv = ["nsenter", f"--net=/run/netns/{namespace}", *command]
    sys.exit(subprocess.run(argv, env=environment, check=False).returncode)


@app.command()
def logs(region: str, part: str, state_dir: Directory = DEFAULT_DIRECTORY) -> None:
    """Print the log of a region's part: logs east kubelet."""
    processes = Lab(state_dir).region(region).processes
    file = processes.log(part)
    if not file.exists():
        known = ", ".join(sorted(item.stem for item in processes.logs.glob("*.log")))
        raise LabError(f"There is no log of '{part}'.", f"There are: {known}.")
    typer.echo(file.read_text(errors="replace"), nl=False)


def main() -> None:
    """Entry point; the lab's errors are one paragraph and exit code 1."""
    try:
        app()
    except LabError as error:
        typer.echo(f"lab: {error}", err=True)
        sys.exit(1)
