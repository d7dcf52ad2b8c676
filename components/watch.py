"""What is watched of a link, as data: written into the stack's outputs, judged by `warren status`.

A kind says where its queues and its state are to be seen; whoever watches needs to know no kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Backlog:
    """A queue of what waits for the link.

    Attributes:
        region: where it is.
        vhost: of the queue.
        queue: its name.
    """

    region: str
    vhost: str
    queue: str


@dataclass(frozen=True)
class State:
    """One thing of a link that RabbitMQ reports on.

    Attributes:
        region: whose brokers report.
        path: of their management API, which answers with a list ("/api/federation-links").
        match: fields by which the thing's items are found in it. One item for each node is usual.
        field: the item's state.
        good: the state in which all is well.
        thing: what it is, in words ("exchange orders").
    """

    region: str
    path: str
    match: Mapping[str, str]
    field: str
    good: str
    thing: str


@dataclass(frozen=True)
class Watch:
    """Everything that is watched of a link.

    Attributes:
        things: what the states are of, in the plural ("exchanges").
        backlog: the link's lag is the sum of their messages.
        states: the link is well if all are.
    """

    things: str
    backlog: tuple[Backlog, ...] = ()
    states: tuple[State, ...] = ()

    def to_data(self) -> dict[str, Any]:
        """For the stack's outputs."""
        data = asdict(self)
        return {
            **data,
            "backlog": list(data["backlog"]),
            "states": [{**item, "match": dict(item["match"])} for item in data["states"]],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Watch:
        """Back from the stack's outputs."""
        return cls(
            data["things"],
            tuple(Backlog(**item) for item in data["backlog"]),
            tuple(State(**item) for item in data["states"]),
        )
