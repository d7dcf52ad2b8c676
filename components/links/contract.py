"""What a kind of link is to the rest: a module that says what it adds to each region's definitions,
and what to watch. `assemble.py` puts the kinds together and knows none of them.

Settings and registration are in `components/settings/links`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol, cast
from urllib.parse import quote, urlencode

from components.broker.configuration import link_file
from components.broker.names import LINKS_DIRECTORY
from components.settings.links import LinkBase, file_of, kind_of, user_of
from components.settings.topology import Topology
from components.topology.definitions import Item, QueuePolicy
from components.watch import Watch

CONNECT_TIMEOUT_MS = 10_000
"""How long a link dials. Short, since a region that is cut off swallows packets: the sooner an attempt
ends, the sooner the next one finds the healed network."""


@dataclass(frozen=True)
class Upstream:
    """How a region is reached by the others.

    Attributes:
        host: IP address or DNS name of its AMQPS entry.
        port: AMQPS port.
        server_name: name in its certificate.
    """

    host: str
    port: int
    server_name: str


@dataclass(frozen=True)
class Estate:
    """What links need to know of the estate.

    Attributes:
        topology: the stack's; what is not declared is not carried.
        upstreams: how each region is reached, of those that are known.
        cluster_names: RabbitMQ's `cluster_name` of each region.
        room: bytes that a queue kept for a link may take in each upstream region (`graph.room`).
        generations: of links' certificates, by downstream region; 1 where there is none.
    """

    topology: Topology
    upstreams: Mapping[str, Upstream]
    cluster_names: Mapping[str, str]
    room: Mapping[str, int] = field(default_factory=dict)
    generations: Mapping[str, int] = field(default_factory=dict)

    def user(self, link: LinkBase) -> str:
        """The user of a link in its upstream region, and its certificate's common name."""
        return user_of(link.pair, self.generations.get(link.to, 1))

    def uri(self, link: LinkBase, heartbeat: int) -> str:
        """The upstream's URI. It holds no secret: the link logs in with its certificate."""
        upstream = self.upstreams[link.from_]
        file = file_of(link.pair, self.generations.get(link.to, 1))
        host = f"[{upstream.host}]" if ":" in upstream.host else upstream.host
        query = urlencode(
            {
                "cacertfile": f"{LINKS_DIRECTORY}/ca.crt",
                "certfile": link_file(file, "crt"),
                "keyfile": link_file(file, "key"),
                "verify": "verify_peer",
                "server_name_indication": upstream.server_name,
                "auth_mechanism": "external",
                "heartbeat": heartbeat,
                "connection_timeout": CONNECT_TIMEOUT_MS,
            },
            safe="/",
        )
        return f"amqps://{host}:{upstream.port}/{quote(link.vhost, safe='')}?{query}"


@dataclass(frozen=True)
class Right:
    """What a link's user may touch in the upstream region, as patterns of whole names, unanchored.

    RabbitMQ keeps one permission for a user and vhost, so all links' rights are put together.
    """

    user: str
    vhost: str
    configure: Sequence[str] = ()
    write: Sequence[str] = ()
    read: Sequence[str] = ()


@dataclass(frozen=True)
class Additions:
    """What a kind's links add to a region's definitions document, in RabbitMQ's form where it is no
    class of its own.

    Attributes:
        rights: of links' users, where this region is upstream.
        exchanges: of the links' own.
        queues: of the links' own.
        bindings: of the links' own.
        parameters: upstreams, upstream sets, shovels.
        policies: on exchanges and on the links' own queues.
        queue_policies: keys for the policies of declared queues, which have one policy each.
    """

    rights: Sequence[Right] = ()
    exchanges: Sequence[Item] = ()
    queues: Sequence[Item] = ()
    bindings: Sequence[Item] = ()
    parameters: Sequence[Item] = ()
    policies: Sequence[Item] = ()
    queue_policies: Sequence[QueuePolicy] = ()


class LinkModule(Protocol):
    """What the module that a kind's entry names must have. `links` are of the entry's model."""

    def additions(self, region: str, links: Sequence[Any], estate: Estate) -> Additions:
        """What all links of the kind add to the definitions of `region`, upstream and downstream."""
        ...

    def watch(self, link: Any, estate: Estate) -> Watch:
        """What is watched of a link. Needs no upstreams."""
        ...


def module_of(link: LinkBase) -> LinkModule:
    """The module of a link's kind."""
    return cast("LinkModule", import_module(kind_of(link).component))
