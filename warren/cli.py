"""The command line: up, preview, plan, down, status, outputs."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from warren.engines.base import EngineError, Options, Plan, Result
from warren.engines.project import Project, read
from warren.engines.values import Properties, mask, reveal

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="RabbitMQ across clouds and regions.",
    epilog="Exit codes: 0 done or healthy; 1 failed or degraded; 2 wrong settings or arguments; "
    "3 the estate is down; 130 interrupted.",
)

StackName = Annotated[
    str, typer.Option("--stack", "-s", help="The environment: Pulumi.<stack>.yaml.")
]
Cwd = Annotated[Path, typer.Option("--cwd", help="The project's directory.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
EngineName = Annotated[
    str, typer.Option("--engine", help="auto (pulumi where it is on PATH), pulumi or embedded.")
]

Rebuilt = Annotated[
    bool,
    typer.Option(
        "--rebuilt",
        help="A context leads to a new cluster in the place of the remembered one: fill it.",
    ),
]

_START = time.monotonic()


def _say(text: str) -> None:
    """Progress goes to the standard error stream, so that results can be piped."""
    typer.echo(f"[{time.monotonic() - _START:6.1f} s] {text}", err=True)


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(f"warren: {message}", err=True)
    raise typer.Exit(code)


def _print(value: Any) -> None:
    typer.echo(json.dumps(value, indent=1))


@app.command()
def up(
    stack: StackName = "dev",
    as_json: Json = False,
    engine: EngineName = "auto",
    wait: Annotated[bool, typer.Option(help="Wait until brokers and links are healthy.")] = True,
    rebuilt: Rebuilt = False,
    cwd: Cwd = Path(),
) -> None:
    """Bring the stack up: its lab if it has one, its regions, its links. Runs again without harm."""
    from warren import labs
    from warren.engines.select import engine_for

    project = read(cwd.resolve(), stack)
    _check_settings(project)
    runner = engine_for(project, engine, Options(rebuilt=rebuilt))
    _say(f"stack {stack}, engine {runner.name}")
    lab_changed = labs.ensure(project, _say)
    if lab_changed:
        # A lab that was just started may be a new one under the old name, and is ours to fill.
        runner = engine_for(project, engine, Options(rebuilt=True))
    result = runner.up(_say)
    status = _healthy(project, result.outputs) if wait else None
    if as_json:
        _print(_result(result) | ({"status": status.to_json()} if status else {}))
    else:
        typer.echo(_summary(result, lab_changed))
        if status is not None:
            from warren.render import status_table

            typer.echo(status_table(status))
            typer.echo(_next(stack, has_lab="warren:lab" in project.config))
    if status is not None and status.verdict != "healthy":
        raise typer.Exit(1)


def _check_settings(project: Project) -> None:
    """Wrong settings are told before a lab is started or a cluster is asked."""
    from components.settings import SettingsError, parse
    from components.settings.load import PREFIX

    if any(key.startswith(f"{PREFIX}:") for key in project.encrypted):
        return  # the program checks them, once pulumi has told it what they are
    values = {
        key.removeprefix(f"{PREFIX}:"): value
        for key, value in project.config.items()
        if key.startswith(f"{PREFIX}:")
    }
    try:
        parse(values, project.stack)
    except SettingsError as error:
        raise EngineError(str(error), "Nothing was touched.", exit_code=2) from None


def _healthy(project: Project, outputs: Properties, seconds: float = 180) -> Any:
    """The estate's status as soon as it is healthy, or as it is when the time is over."""
    from warren.operations.status import estate_status

    end, said = time.monotonic() + seconds, ""
    while True:
        status = estate_status(project.stack, outputs, project.directory)
        if status.verdict == "healthy" or time.monotonic() > end:
            return status
        note = f"waiting for: {'; '.join(status.problems)}"
        if note != said:
            _say(note)
            said = note
        time.sleep(1)


def _result(result: Result) -> dict[str, Any]:
    return {
        "counts": result.counts,
        "changed": list(result.changed),
        "outputs": mask(result.outputs),
    }


def _summary(result: Result, lab_changed: bool) -> str:
    if not result.changes:
        text = f"No changes: {result.counts.get('same', 0)} resources are as they should be."
        return text if not lab_changed else f"The lab was started. {text}"
    counts = ", ".join(f"{count} {name}" for name, count in result.counts.items())
    return f"Done: {counts}."


def _next(stack: str, *, has_lab: bool) -> str:
    lines = [
        "",
        f"To connect: warren outputs --show-secrets --json --stack {stack}   "
        f"(users' passwords, the CA; vhosts are in Pulumi.{stack}.yaml)",
        f"To look:    warren status --stack {stack}",
        "To try:     publish to an exchange that a link carries, and read it in the other region"
        + ("; cut the WAN by 'python -m lab cut east'" if has_lab else ""),
    ]
    return "\n".join(lines)


@app.command()
def preview(
    stack: StackName = "dev",
    as_json: Json = False,
    engine: EngineName = "auto",
    unchanged: Annotated[bool, typer.Option("--all", help="Show what stays the same too.")] = False,
    cwd: Cwd = Path(),
) -> None:
    """Show what `up` would do, by the stack's engine."""
    from warren.engines.select import engine_for

    project = read(cwd.resolve(), stack)
    _show(engine_for(project, engine).preview(_say), as_json, unchanged)


@app.command()
def plan(
    stack: StackName = "dev",
    as_json: Json = False,
    unchanged: Annotated[bool, typer.Option("--all", help="Show what stays the same too.")] = False,
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
    cwd: Cwd = Path(),
) -> None:
    """Show what `up` would do without asking anybody: no network, no credentials."""
    import gc

    from warren.engines import offline
    from warren.engines.state import State

    # The clouds' SDKs make millions of small objects that all live to the end of this short process:
    # looking for garbage among them takes as long as everything else.
    gc.disable()
    if against is not None:
        _compare(cwd.resolve(), stack, against, as_json, as_markdown)
        return
    if as_markdown:
        _fail("--markdown goes with --against.", 2)
    project = read(cwd.resolve(), stack)
    state = State(project.directory / ".warren" / stack)
    found = offline.plan(project, state)
    _show(found, as_json, unchanged)
    if policies and _violations(found, project.production):
        raise typer.Exit(1)


def _violations(plan: Plan, production: bool) -> bool:
    """Tells what breaks a policy, or an SDK's word; whether something mandatory is broken."""
    from policies import check, from_registration
    from warren import validation

    resources = [
        from_registration(step.urn, step.type, step.name, step.parent, step.inputs, step.protect)
        for step in plan.steps
        if step.op != "delete"
    ]
    found = check(resources, production)
    for item in found:
        _say(
            f"{item.level} policy {item.rule}: {item.urn.rpartition('::')[2]}: {item.message} {item.remedy}"
        )
    faults = validation.check(plan.steps)
    for fault in faults:
        _say(f"mandatory argument {fault}")
    _say(
        f"policies: {len(found)} violation(s), arguments: {len(faults)} fault(s) "
        f"in {len(resources)} resources"
    )
    return bool(faults) or any(item.level == "mandatory" for item in found)


def _compare(directory: Path, stack: str, reference: str, as_json: bool, as_markdown: bool) -> None:
    from warren import comparison
    from warren.engines.compare import against

    found = against(directory, stack, reference)
    if as_json:
        _print(found.to_json())
    else:
        typer.echo((comparison.markdown if as_markdown else comparison.text)(found))


def _show(found: Plan, as_json: bool, unchanged: bool) -> None:
    from warren.render import plan_tree

    if as_json:
        _print(found.to_json())
    else:
        typer.echo(plan_tree(found, unchanged=unchanged))


@app.command()
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
    """Delete everything of the stack, messages included."""
    from warren import labs
    from warren.engines.select import engine_for

    project = read(cwd.resolve(), stack)
    if not yes:
        if not sys.stdin.isatty():
            _fail(f"'down' deletes all of '{stack}'. Say --yes if that is meant.", 2)
        typed = typer.prompt(f"This deletes all of '{stack}', messages included. Type its name")
        if typed != stack:
            _fail("That is another name; nothing was touched.", 2)
    options = Options(rebuilt=rebuilt, skip_unreachable=skip_unreachable)
    runner = engine_for(project, engine, options)
    if lab and labs.settings_of(project) is not None and runner.name == "embedded":
        # The lab goes with all that is in it: there is nothing to delete one by one.
        result = _forget(project)
    else:
        result = runner.down(_say)
    ended = lab and labs.end(project, _say)
    if as_json:
        _print({"counts": result.counts, "lab_ended": ended})
    else:
        typer.echo(f"{result.counts.get('delete', 0)} resources of '{stack}' are gone.")
        if ended:
            typer.echo("The lab is down.")


def _forget(project: Project) -> Result:
    from warren.engines.embedded.lock import locked
    from warren.engines.state import State

    directory = project.directory / ".warren" / project.stack
    with locked(directory, f"down --stack {project.stack}"):
        state = State(directory)
        count = len(state.entries)
        state.entries.clear()
        if count:
            state.finish(None)
    return Result({"delete": count}, [], {})


def _outputs(project: Project, engine: str) -> Properties:
    from warren.engines.select import engine_for

    found = engine_for(project, engine).outputs()
    if found is None:
        raise EngineError(
            f"Stack '{project.stack}' is not up.", f"Run: warren up --stack {project.stack}", 3
        )
    return found


@app.command()
def status(
    stack: StackName = "dev", as_json: Json = False, engine: EngineName = "auto", cwd: Cwd = Path()
) -> None:
    """Say how the estate is. Exit code 0 healthy, 1 degraded, 3 down."""
    from warren.operations.status import estate_status
    from warren.render import status_table

    project = read(cwd.resolve(), stack)
    found = estate_status(stack, _outputs(project, engine), project.directory)
    if as_json:
        _print(found.to_json())
    else:
        typer.echo(status_table(found))
    raise typer.Exit({"healthy": 0, "degraded": 1, "down": 3}[found.verdict])


@app.command()
def outputs(
    stack: StackName = "dev",
    as_json: Json = False,
    show_secrets: Annotated[
        bool, typer.Option("--show-secrets", help="Passwords in plain text.")
    ] = False,
    engine: EngineName = "auto",
    cwd: Cwd = Path(),
) -> None:
    """Print the stack's outputs: addresses, the CA, users' passwords (masked without --show-secrets)."""
    project = read(cwd.resolve(), stack)
    found = _outputs(project, engine)
    shown = reveal(found) if show_secrets else mask(found)
    if as_json:
        _print(shown)
        return
    for key, value in shown.items():
        text = value if isinstance(value, str) else json.dumps(value, indent=1)
        typer.echo(f"{key}: {text}")


def main() -> None:
    """Entry point: an error is one paragraph and an exit code."""
    from components.settings.load import SettingsError

    try:
        app()
    except SettingsError as error:
        typer.echo(f"warren: {error}", err=True)
        sys.exit(2)
    except EngineError as error:
        typer.echo(f"warren: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("warren: interrupted; run the same command again to go on.", err=True)
        sys.exit(130)
