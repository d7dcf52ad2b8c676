"""Exchange federation, as RabbitMQ definitions. Pure functions.

Keys: RabbitMQ "Federation Reference", `rabbit_federation_parameters.erl`. The upstream and the policy
live in the downstream region; the upstream region gets a user and its rights.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from components.broker.configuration import link_file
from components.broker.names import LINKS_DIRECTORY
from components.settings.links import FederationLink
from components.settings.topology import Topology
from components.settings.values import duration_ms, duration_seconds
from components.topology.definitions import OWN_PRIORITY, LinkDefinitions, any_of

CONNECT_TIMEOUT_MS = 10_000
"""How long a link dials. Short, since a region that is cut off swallows packets: the sooner an attempt
ends, the sooner the next one finds the healed network."""

_QUEUE_PREFIX = "federation: "
_QUEUE_ARROW = " -> "


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


def uri(link: FederationLink, upstream: Upstream) -> str:
    """The upstream's URI. It holds no secret: the link logs in with its certificate."""
    host = f"[{upstream.host}]" if ":" in upstream.host else upstream.host
    query = urlencode(
        {
            "cacertfile": f"{LINKS_DIRECTORY}/ca.crt",
            "certfile": link_file(link.pair, "crt"),
            "keyfile": link_file(link.pair, "key"),
            "verify": "verify_peer",
            "server_name_indication": upstream.server_name,
            "auth_mechanism": "external",
            "heartbeat": link.heartbeat,
            "connection_timeout": CONNECT_TIMEOUT_MS,
        },
        safe="/",
    )
    return f"amqps://{host}:{upstream.port}/{quote(link.vhost, safe='')}?{query}"


def upstream_value(link: FederationLink, upstream: Upstream) -> dict[str, Any]:
    """The parameter `federation-upstream`. Every key with a wrong or disputed default is set."""
    value: dict[str, Any] = {
        "uri": uri(link, upstream),
        "prefetch-count": link.prefetch,
        # The server's default is 5, the documentation says 1, and 0 makes a reconnect storm.
        "reconnect-delay": duration_seconds(link.reconnect_delay),
        "ack-mode": link.ack_mode,
        "trust-user-id": False,
        "max-hops": link.max_hops,
        # The default, classic, has one replica: its node's loss stops the link.
        "queue-type": "quorum",
        # The default deletes the upstream queue, and what was not fetched yet, when the link stops.
        "resource-cleanup-mode": "never",
    }
    if link.message_ttl is not None:
        value["message-ttl"] = duration_ms(link.message_ttl)
    return value


def definitions_for(
    region: str,
    links: Sequence[FederationLink],
    topology: Topology,
    upstreams: Mapping[str, Upstream],
    cluster_names: Mapping[str, str],
) -> LinkDefinitions:
    """What the links add to the definitions of `region`.

    Args:
        region: whose document it is.
        links: all links of the stack.
        topology: the stack's topology; policies are made for declared exchanges only.
        upstreams: how each region is reached.
        cluster_names: RabbitMQ's `cluster_name` of each region.
    """
    outgoing = [link for link in links if link.from_ == region]
    incoming = [link for link in links if link.to == region]
    return LinkDefinitions(
        users=[
            {
                "name": user,
                # Without a hash no password lets it in: the certificate alone does.
                "password_hash": "",
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": [],
                "limits": _limits(user, outgoing, topology),
            }
            for user in sorted({link.user for link in outgoing})
        ],
        permissions=[_permission(link, topology, cluster_names[link.to]) for link in outgoing],
        parameters=[
            *(
                {
                    "vhost": link.vhost,
                    "component": "federation-upstream",
                    "name": link.from_,
                    "value": upstream_value(link, upstreams[link.from_]),
                }
                for link in incoming
            ),
            *_upstream_sets(incoming, topology),
        ],
        policies=[
            {
                "vhost": vhost,
                "name": f"warren.federation.{exchange}",
                "pattern": any_of([exchange]),
                "apply-to": "exchanges",
                "priority": OWN_PRIORITY,
                "definition": {"federation-upstream-set": _set_name(sources)},
            }
            for (vhost, exchange), sources in sorted(_sources(incoming, topology).items())
        ],
    )


def federated(link: FederationLink, topology: Topology) -> list[str]:
    """The declared exchanges that a link carries."""
    exchanges = topology.vhosts[link.vhost].exchanges
    return sorted(name for name in exchanges if re.search(link.exchanges, name))


def upstream_queue(exchange: str, downstream_cluster: str) -> str:
    """Name of the queue in the upstream region that holds what the link has not fetched yet.

    RabbitMQ appends vhost and exchange when they differ from the upstream's; ours never do
    (`rabbit_federation_exchange_link.erl`, upstream_queue_name).
    """
    return f"{_QUEUE_PREFIX}{exchange}{_QUEUE_ARROW}{downstream_cluster}"


def carried_exchange(queue: str) -> str:
    """The exchange that an upstream queue is kept for: `upstream_queue` the other way."""
    return queue.removeprefix(_QUEUE_PREFIX).rpartition(_QUEUE_ARROW)[0]


def _permission(
    link: FederationLink, topology: Topology, downstream_cluster: str
) -> dict[str, Any]:
    """The link declares its own queue and exchanges, and reads what it carries; nothing else.

    RabbitMQ's permissions are patterns on names and do not tell a queue from an exchange, so the
    right to bind to an exchange would be one to consume, get and purge a queue of its name. The
    settings therefore refuse such a queue, and the policy `links-only-carry` does so in any
    definitions. (An exchange of our own between the two, bound to the application's, would need no
    such rule. But nothing binds a direct exchange to another without naming its keys, and what
    passes one more exchange is carried once more by every link back.)

    Its own have the downstream cluster's name in theirs, so that no region's link can touch what is
    kept for another region. The internal exchange is the queue's name with A or B behind it
    (`rabbit_federation_exchange_link.erl`, upstream_exchange_name).
    """
    carried = "|".join(re.escape(name) for name in federated(link, topology))
    own = f"federation: ({carried}) -> {re.escape(downstream_cluster)}( [AB])?"
    return {
        "user": link.user,
        "vhost": link.vhost,
        "configure": f"^{own}$",
        "write": f"^{own}$",
        "read": f"^({own}|{carried})$",
    }


def _limits(user: str, links: Sequence[FederationLink], topology: Topology) -> dict[str, int]:
    """What the user may open: enough for its links, twice over, and no more."""
    limits = topology.limits.links
    carried = sum(len(federated(link, topology)) for link in links if link.user == user)
    connections = limits.connections_per_exchange * max(carried, 1)
    return {
        "max-connections": connections,
        "max-channels": connections * limits.channels_per_connection,
    }


def _sources(
    incoming: Sequence[FederationLink], topology: Topology
) -> dict[tuple[str, str], tuple[str, ...]]:
    sources: dict[tuple[str, str], tuple[str, ...]] = {}
    for link in sorted(incoming, key=lambda item: item.from_):
        for exchange in federated(link, topology):
            key = (link.vhost, exchange)
            sources[key] = (*sources.get(key, ()), link.from_)
    return sources


def _set_name(sources: Sequence[str]) -> str:
    return "+".join(sources)


def _upstream_sets(incoming: Sequence[FederationLink], topology: Topology) -> list[dict[str, Any]]:
    wanted = {(vhost, sources) for (vhost, _), sources in _sources(incoming, topology).items()}
    return [
        {
            "vhost": vhost,
            "component": "federation-upstream-set",
            "name": _set_name(sources),
            "value": [{"upstream": source} for source in sources],
        }
        for vhost, sources in sorted(wanted)
    ]
