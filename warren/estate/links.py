"""What state a link is in, from what its two regions say. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.outputs import LinkOutputs
from components.watch import State, Watch

Report = Mapping[str, Any]
"""One item of a list of RabbitMQ's management API: what one node says of one part of a link."""

Reports = Mapping[tuple[str, str], Sequence[Report] | None]
"""What was answered, by region and path; None where it could not be asked."""

Depths = Mapping[tuple[str, str, str], int | None]
"""Messages in queues, by region, vhost and name."""


@dataclass
class LinkStatus:
    """A link as it was found.

    Attributes:
        state: as its region says ("running", "starting", ...); "missing" when it says nothing,
            "unknown" when it can't be asked.
        lag_messages: what the upstream still holds for the downstream; None when it can't be asked.
    """

    name: str
    kind: str
    from_: str
    to: str
    state: str
    lag_messages: int | None
    problems: list[str] = field(default_factory=list[str])


def link_status(spec: LinkOutputs, reports: Reports, depths: Depths) -> LinkStatus:
    """A link's state and lag, by what its kind says is to be watched.

    Args:
        spec: the link, as the stack's outputs have it.
        reports: what the regions said.
        depths: of the regions' queues.
    """
    watch = spec.watch
    status = LinkStatus(
        spec.name, spec.kind, spec.from_, spec.to, state="unknown", lag_messages=None
    )
    if all(reports.get((item.region, item.path)) is not None for item in watch.states):
        _judge(status, watch, reports)
    found = [depths.get((item.region, item.vhost, item.queue)) for item in watch.backlog]
    if found and all(depth is not None for depth in found):
        status.lag_messages = sum(depth or 0 for depth in found)
    return status


def _judge(status: LinkStatus, watch: Watch, reports: Reports) -> None:
    states = [
        (item, state)
        for item in watch.states
        if (state := _newest(item, reports.get((item.region, item.path)) or ())) is not None
    ]
    if len(states) < len(watch.states):
        status.state = "missing"
        status.problems.append(f"{len(states)} of {len(watch.states)} {watch.things} have a link")
        return
    wrong = [(item.thing, state) for item, state in states if state != item.good]
    status.state = next((state for _, state in wrong), "running")
    status.problems += [f"{thing}: it is {state}" for thing, state in wrong]


def _newest(item: State, reports: Sequence[Report]) -> str | None:
    """A node that ran the link before may still report it as it was then.

    RabbitMQ forgets it only where its process ended in order, and management lists every node's
    (`rabbit_federation_mgmt.erl`: "we might get duplicates"). Within the same second the good one is
    believed, since nothing but a live process says that.
    """
    mine = [
        (report.get("timestamp", ""), report.get(item.field) == item.good, report)
        for report in reports
        if all(report.get(key) == value for key, value in item.match.items())
    ]
    if not mine:
        return None
    return max(mine, key=lambda found: found[:2])[2].get(item.field, "unknown")
