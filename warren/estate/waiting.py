"""Waiting for an estate to get healthy."""

from __future__ import annotations

import time

from warren.estate.status import EstateStatus, estate_status
from warren.runs.progress import Progress
from warren.runs.project import Project
from warren.values import Properties


def until_healthy(
    project: Project, outputs: Properties, progress: Progress, seconds: float = 180
) -> EstateStatus:
    """The estate's status as soon as it is healthy, or as it is when the time is over."""
    end, said = time.monotonic() + seconds, ""
    while True:
        status = estate_status(project.stack, outputs, project.directory)
        if status.verdict == "healthy" or time.monotonic() > end:
            return status
        note = f"waiting for: {'; '.join(status.problems)}"
        if note != said:
            progress(note)
            said = note
        time.sleep(1)
