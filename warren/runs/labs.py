"""The lab of a stack that lives on one: started before `up`, ended by `down --lab`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from warren.errors import WarrenError
from warren.runs.progress import Progress
from warren.runs.project import Project


def settings_of(project: Project) -> dict[str, Any] | None:
    """What the stack says of its lab; None when it lives on clusters of its own."""
    found = project.section("lab")
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None


def ensure(project: Project, progress: Progress) -> bool:
    """Starts the stack's lab if it has one and it does not run; whether anything was done."""
    settings = settings_of(project)
    if settings is None:
        return False
    from lab.api import Lab
    from lab.errors import LabError
    from lab.images import DEFAULT_RABBITMQ

    lab = Lab(_directory(project), progress)
    try:
        changed = lab.up(
            [str(item) for item in settings.get("regions", [])],
            [str(item) for item in settings.get("rabbitmq") or [DEFAULT_RABBITMQ]],
        )
        if trip := settings.get("round_trip"):
            _delay(lab, [str(item) for item in settings["regions"]], str(trip))
    except LabError as error:
        raise WarrenError(error.message, error.remedy) from None
    except KeyboardInterrupt:
        raise WarrenError(
            "Interrupted while the lab was starting.", "Run it again to go on.", 130
        ) from None
    return changed


def end(project: Project, progress: Progress) -> bool:
    """Ends the stack's lab, with all that is in it; whether there was one."""
    if settings_of(project) is None:
        return False
    from lab.api import Lab
    from lab.errors import LabError

    try:
        return Lab(_directory(project), progress).down()
    except LabError as error:
        raise WarrenError(error.message, error.remedy) from None


def _directory(project: Project) -> Path:
    return project.directory / ".lab"


def _delay(lab: Any, regions: list[str], trip: str) -> None:
    from components.settings.values import duration_ms

    for index, a in enumerate(regions):
        for b in regions[index + 1 :]:
            lab.delay(a, b, duration_ms(trip))
