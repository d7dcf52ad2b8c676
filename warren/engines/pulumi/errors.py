"""Turns what goes wrong in pulumi into one paragraph with a remedy."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Generator
from typing import TYPE_CHECKING

from warren.engines.pulumi.recovery import UNPROTECT
from warren.errors import WarrenError
from warren.runs.project import Project

if TYPE_CHECKING:
    from warren.engines.pulumi.events import Told
    from warren.engines.pulumi.state import Backend

_PLUGIN = re.compile(
    r"(?:no (\w+) plugin 'pulumi-\w+-([\w-]+)' found in the workspace at version v?([\w.+-]+)"
    r"|install (\w+) plugin 'pulumi-\w+-([\w-]+)' at version v?([\w.+-]+))"
)

_AFTERMATH = re.compile(r"^(?:update|preview|destroy|refresh) failed$")
_ADVICE = re.compile(r"This can happen when:")
_URN = re.compile(r'"?urn:pulumi:[^"\s]*?::([^":\s]+)"(?=\s)')

_REMEDIES = (
    (
        re.compile(r"already exists in the cluster"),
        "Somebody else made it. If it was an earlier run of this very stack whose state is lost, run "
        "this once with PULUMI_K8S_UPSERT_EXISTING_OBJECTS=true, which takes it over; otherwise give "
        "the stack another `warren:namespace`, or take the other estate down.",
    ),
    (
        re.compile(r"it is protected|protected resource"),
        UNPROTECT,
    ),
    (
        re.compile(r"incorrect passphrase|passphrase must be set", re.IGNORECASE),
        "Give the passphrase by which the stack was made: PULUMI_CONFIG_PASSPHRASE or "
        "PULUMI_CONFIG_PASSPHRASE_FILE.",
    ),
    (
        re.compile(r"PULUMI_ACCESS_TOKEN must be set|problem logging in|invalid access token"),
        "Log in with `pulumi login`, or keep state in files: `pulumi login file://DIRECTORY`.",
    ),
    (
        re.compile(r"unreachable|connection refused|no route to host|i/o timeout"),
        "See that the cluster is up and that the context of the region leads to it (for a lab: "
        "'python -m lab up'), and run this again. If the cluster is gone for good: down "
        "--skip-unreachable.",
    ),
    (
        re.compile(r"virtualenv|virtual environment"),
        "Make the virtual environment that Pulumi.yaml names: 'make venv', or 'pulumi install'.",
    ),
)


class Telling:
    """What an operation has told so far, for the error if it fails."""

    def __init__(self) -> None:
        self._told: Told | None = None

    def by(self, told: Told) -> None:
        """Names the collector of events."""
        self._told = told

    @property
    def events(self) -> Told:
        """The collector of events."""
        if self._told is None:
            raise RuntimeError("no operation has begun")
        return self._told

    @property
    def errors(self) -> list[str]:
        """Errors that pulumi told of."""
        return self._told.errors if self._told is not None else []


@contextlib.contextmanager
def explained(project: Project, backend: Backend | None = None) -> Generator[Telling]:
    """Raises WarrenErrors in the place of the Automation API's.

    Args:
        project: whose stack it is about.
        backend: where it is kept, for the remedy.

    Raises:
        WarrenError: pulumi failed.
    """
    from pulumi import automation

    telling = Telling()
    try:
        yield telling
    except automation.ConcurrentUpdateError as error:
        raise WarrenError(
            f"Another update of stack '{project.stack}' is under way.{_holder(str(error))}",
            f"Wait for it; if it is dead, run '{cancel(project, backend)}' and then this again.",
        ) from error
    except automation.InvalidVersionError as error:
        raise WarrenError(
            f"The pulumi on PATH does not go with this program: {error}",
            "Install a newer pulumi, or use --engine embedded.",
        ) from error
    except automation.CommandError as error:
        raise _failure(telling, str(error)) from error


def cancel(project: Project, backend: Backend | None) -> str:
    """The command that takes a dead update's lock away."""
    where = ""
    if backend is not None and backend.private:
        where = f"PULUMI_BACKEND_URL={backend.env['PULUMI_BACKEND_URL']} "
    return f"{where}pulumi cancel --yes --stack {project.stack}"


def _holder(text: str) -> str:
    found = re.search(r"created by (\S+) \(pid (\d+)\) at (\S+)", text)
    return f" {found[1]} holds it since {found[3]} (process {found[2]})." if found else ""


def _failure(telling: Telling, text: str) -> WarrenError:
    told = [_short(item) for item in telling.errors if not _AFTERMATH.search(item)]
    cause = ("; ".join(told[:3]) or _diagnosis(text)).rstrip(".")
    searched = f"{cause}\n{text}"
    if plugin := _PLUGIN.search(searched):
        kind, name, version = (plugin[index] or plugin[index + 3] for index in (1, 2, 3))
        return WarrenError(
            f"pulumi has no {kind} plugin '{name}' of version {version}.",
            f"Install it with 'pulumi plugin install {kind} {name} {version}' (or all that the "
            "program needs: 'pulumi install'), and run this again.",
        )
    for pattern, remedy in _REMEDIES:
        if pattern.search(searched):
            return WarrenError(f"pulumi failed: {cause}.", remedy)
    return WarrenError(
        f"pulumi failed: {cause}.", "What was done is kept: mend the cause and run this again."
    )


def _short(text: str) -> str:
    """The line that says what is wrong: a traceback's last, or all before a provider's advice."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if any(line.startswith("Traceback") for line in lines):
        return lines[-1]
    advice = next((index for index, line in enumerate(lines) if _ADVICE.search(line)), len(lines))
    return _URN.sub(lambda found: found[1], " ".join(lines[: max(advice, 1)]))


def _diagnosis(text: str) -> str:
    """pulumi's own words from a command's output."""
    lines = [line.strip() for line in text.splitlines()]
    errors = [line[line.index("error:") :] for line in lines if "error:" in line]
    return " ".join(errors or [line for line in lines if line][-3:])
