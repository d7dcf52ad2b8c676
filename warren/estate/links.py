"""What state a link is in, from what its two regions say. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.links.federation import carried_exchange
from warren.values import Properties

Report = Mapping[str, Any]
"""One item of RabbitMQ's `/api/federation-links`: what one node says of one exchange's link."""


@dataclass
class LinkStatus:
    """A link as it was found.

    Attributes:
        state: as the downstream says ("running", "starting", ...); "missing" when it says nothing,
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


def link_status(
    spec: Properties,
    reports: Sequence[Report] | None,
    depths: Mapping[tuple[str, str], int | None],
) -> LinkStatus:
    """A link's state and lag.

    Args:
        spec: the link, as the stack's outputs have it.
        reports: the downstream region's; None when it can't be asked.
        depths: messages in the upstream region's queues, by vhost and name.
    """
    status = LinkStatus(
        spec["name"], spec["kind"], spec["from"], spec["to"], state="unknown", lag_messages=None
    )
    if reports is not None:
        _judge(status, spec, reports)
    found = [depths.get((spec["vhost"], queue)) for queue in spec["upstream_queues"]]
    if found and all(depth is not None for depth in found):
        status.lag_messages = sum(depth or 0 for depth in found)
    return status


def _judge(status: LinkStatus, spec: Properties, reports: Sequence[Report]) -> None:
    exchanges = [carried_exchange(queue) for queue in spec["upstream_queues"]]
    states = {
        exchange: state
        for exchange in exchanges
        if (state := _newest(spec, exchange, reports)) is not None
    }
    if len(states) < len(exchanges):
        status.state = "missing"
        status.problems.append(f"{len(states)} of {len(exchanges)} exchanges have a link")
        return
    wrong = {exchange: state for exchange, state in states.items() if state != "running"}
    status.state = next(iter(wrong.values()), "running")
    status.problems += [f"exchange {exchange}: it is {state}" for exchange, state in wrong.items()]


def _newest(spec: Properties, exchange: str, reports: Sequence[Report]) -> str | None:
    """A node that ran the link before may still report it as it was then.

    RabbitMQ forgets it only where its process ended in order, and management lists every node's
    (`rabbit_federation_mgmt.erl`: "we might get duplicates"). Within the same second the running
    one is believed, since nothing but a live process says that.
    """
    mine = [
        (report.get("timestamp", ""), report.get("status") == "running", report)
        for report in reports
        if report.get("upstream") == spec["from"]
        and report.get("vhost") == spec["vhost"]
        and report.get("exchange") == exchange
    ]
    if not mine:
        return None
    return max(mine, key=lambda item: item[:2])[2].get("status", "unknown")
