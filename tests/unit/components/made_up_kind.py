"""A kind of link that nobody has: pigeons fly what a tee queue holds. Somebody else's module, as far
as the program knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from components.links.contract import Additions, Estate, Right
from components.settings.links import LinkBase, LinkKind
from components.topology.definitions import QueuePolicy
from components.watch import Backlog, State, Watch


class PigeonLink(LinkBase):
    kind: Literal["pigeon"] = "pigeon"  # pyright: ignore[reportIncompatibleVariableOverride]
    queue: str


KIND = LinkKind("pigeon", PigeonLink, __name__)


def additions(region: str, links: Sequence[PigeonLink], estate: Estate) -> Additions:
    outgoing = [link for link in links if link.from_ == region]
    incoming = [link for link in links if link.to == region]
    return Additions(
        rights=[Right(estate.user(link), link.vhost, read=["tee: pigeon"]) for link in outgoing],
        queues=[
            {
                "vhost": link.vhost,
                "name": "tee: pigeon",
                "durable": True,
                "auto_delete": False,
                "arguments": {"x-queue-type": "quorum"},
            }
            for link in outgoing
        ],
        parameters=[
            {
                "vhost": link.vhost,
                "component": "shovel",
                "name": f"pigeon of {link.from_}",
                "value": {"src-uri": estate.uri(link, 10)},
            }
            for link in incoming
        ],
        queue_policies=[
            QueuePolicy(link.vhost, link.queue, {"delivery-limit": 7}) for link in incoming
        ],
    )


def watch(link: PigeonLink, estate: Estate) -> Watch:
    del estate
    return Watch(
        things="pigeons",
        backlog=(Backlog(link.from_, link.vhost, "tee: pigeon"),),
        states=(
            State(
                region=link.to,
                path="/api/shovels",
                match={"name": f"pigeon of {link.from_}"},
                field="state",
                good="flying",
                thing="the pigeon",
            ),
        ),
    )
