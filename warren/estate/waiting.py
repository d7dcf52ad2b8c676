"""What `up` does once the engine is done: what brokers hold otherwise than declared is put right, and the
estate gets the time to become healthy."""

from __future__ import annotations

import time

from warren.estate import healing
from warren.estate.status import EstateStatus, estate_status
from warren.runs.progress import Progress
from warren.runs.project import Project
from warren.values import Properties


def settled(
    project: Project,
    outputs: Properties,
    progress: Progress,
    *,
    wait: bool = True,
    seconds: float = 180,
) -> tuple[list[str], EstateStatus | None]:
    """What was put right, and the status as soon as it is healthy, or as it is when the time is over.

    Without `wait` nobody waits for health, and there is no status.

    Raises:
        WarrenError: what drifted could not be put right.
    """
    status = estate_status(project.stack, outputs, project.directory)
    put_right = healing.put_right(status, outputs, project.directory, progress)
    if not wait:
        return put_right, None
    end, said = time.monotonic() + seconds, ""
    if put_right:
        status = estate_status(project.stack, outputs, project.directory)
    while status.verdict != "healthy" and time.monotonic() < end:
        note = f"waiting for: {'; '.join(status.problems)}"
        if note != said:
            progress(note)
            said = note
        time.sleep(1)
        status = estate_status(project.stack, outputs, project.directory)
    return put_right, status
