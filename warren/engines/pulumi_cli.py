"""The real Pulumi engine, through the Automation API, on the same project directory."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from warren.engines.base import EngineError, Operation, Plan, Progress, Result, Step
from warren.engines.project import Project
from warren.engines.values import Properties, secret

if TYPE_CHECKING:
    from pulumi import automation

_OPERATIONS: dict[str, Operation] = {
    "create": "create",
    "update": "update",
    "replace": "replace",
    "create-replacement": "replace",
    "delete-replaced": "replace",
    "delete": "delete",
    "same": "same",
}


class PulumiEngine:
    """Runs the project by the `pulumi` on PATH.

    The user's login is used where there is one. Where there is none, state is kept in
    `.warren/pulumi` of the project, encrypted with a generated passphrase beside it (mode 0600), so
    that a first `up` needs no account.

    Args:
        project: program and stack.
    """

    name = "pulumi"

    def __init__(self, project: Project) -> None:
        self.project = project

    def _stack(self) -> automation.Stack:
        from pulumi import automation

        options = automation.LocalWorkspaceOptions(
            work_dir=str(self.project.directory), env_vars=self._environment()
        )
        return automation.create_or_select_stack(
            self.project.stack, work_dir=str(self.project.directory), opts=options
        )

    def _environment(self) -> dict[str, str]:
        credentials = Path(os.environ.get("PULUMI_HOME", Path.home() / ".pulumi"))
        if os.environ.get("PULUMI_BACKEND_URL") or (credentials / "credentials.json").exists():
            return {}
        base = self.project.directory / ".warren"
        (base / "pulumi").mkdir(parents=True, exist_ok=True, mode=0o700)
        passphrase = base / "passphrase"
        if not passphrase.exists():
            descriptor = os.open(passphrase, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(32))
        return {
            "PULUMI_BACKEND_URL": f"file://{base / 'pulumi'}",
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(passphrase),
        }

    def preview(self, progress: Progress) -> Plan:
        """`pulumi preview`."""
        steps: list[Step] = []

        def on_event(event: automation.events.EngineEvent) -> None:
            if event.resource_pre_event is not None:
                steps.append(_step(event.resource_pre_event.metadata))

        with _explained():
            self._stack().preview(on_output=progress, on_event=on_event)
        return Plan(self.project.stack, steps, {})

    def up(self, progress: Progress) -> Result:
        """`pulumi up`."""
        changed: list[str] = []

        def on_event(event: automation.events.EngineEvent) -> None:
            if event.res_outputs_event is not None:
                step = _step(event.res_outputs_event.metadata)
                if step.op != "same":
                    changed.append(f"{step.op} {step.type} {step.name}")

        with _explained():
            stack = self._stack()
            done = stack.up(on_output=progress, on_event=on_event)
        counts = _counts(done.summary.resource_changes)
        return Result(counts, changed, _outputs(done.outputs))

    def down(self, progress: Progress) -> Result:
        """`pulumi destroy`. The stack itself and its history stay."""
        with _explained():
            done = self._stack().destroy(on_output=progress)
        return Result(_counts(done.summary.resource_changes), [], {})

    def outputs(self) -> Properties | None:
        """`pulumi stack output`."""
        with _explained():
            found = self._stack().outputs()
        return _outputs(found) or None


class _explained:  # noqa: N801 - reads as a word in a with statement
    """Turns the Automation API's errors into one paragraph with a remedy."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from pulumi import automation

        if isinstance(error, automation.ConcurrentUpdateError):
            raise EngineError(
                "Another update of this stack is under way.",
                "Wait for it; if it is dead, run 'pulumi cancel' and then this again.",
            ) from error
        if isinstance(error, automation.CommandError):
            raise EngineError(
                f"pulumi failed: {str(error).strip()}", "Mend the cause and run it again."
            ) from error


def _step(metadata: Any) -> Step:
    new, old = metadata.new, metadata.old
    state = new or old
    return Step(
        op=_OPERATIONS.get(str(getattr(metadata.op, "value", metadata.op)), "update"),
        urn=metadata.urn,
        type=metadata.type,
        name=metadata.urn.rpartition("::")[2],
        parent=(state.parent if state else "") or "",
        custom=bool(state.custom) if state else True,
        inputs=dict((new.inputs if new else {}) or {}),
        reasons=list(metadata.keys or []),
        protect=bool(state.protect) if state else False,
        provider=metadata.provider or "",
    )


def _counts(changes: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for operation, count in cast("dict[str, int]", dict(changes or {})).items():
        key = _OPERATIONS.get(str(getattr(operation, "value", operation)), "update")
        counts[key] = counts.get(key, 0) + int(count)
    return counts


def _outputs(values: Any) -> Properties:
    return {
        key: secret(value.value) if value.secret else value.value for key, value in values.items()
    }


def on_path() -> bool:
    """Whether there is a `pulumi` to run."""
    return shutil.which("pulumi") is not None
