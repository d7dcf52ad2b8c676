"""Exchange federation, as RabbitMQ definitions. Pure functions.

Keys: RabbitMQ "Federation Reference", `rabbit_federation_parameters.erl`. The upstream and the policy
live in the downstream region; the upstream region gets a user, its rights, and a bound on what waits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from components.links.contract import Additions, Estate, Right
from components.settings.links import FederationLink
from components.settings.topology import Topology
from components.settings.values import duration_ms, duration_seconds, quantity
from components.topology.definitions import OWN_PRIORITY, Item, any_of
from components.watch import Backlog, State, Watch

_QUEUE_PREFIX = "federation: "
_QUEUE_ARROW = " -> "


def additions(region: str, links: Sequence[FederationLink], estate: Estate) -> Additions:
    """What the links add to the definitions of `region`."""
    outgoing = [link for link in links if link.from_ == region]
    incoming = [link for link in links if link.to == region]
    return Additions(
        rights=[_right(link, estate) for link in outgoing],
        parameters=[
            *(
                {
                    "vhost": link.vhost,
                    "component": "federation-upstream",
                    "name": link.from_,
                    "value": upstream_value(link, estate),
                }
                for link in incoming
            ),
            *_upstream_sets(incoming, estate.topology),
        ],
        policies=[
            *(
                {
                    "vhost": vhost,
                    "name": f"warren.federation.{exchange}",
                    "pattern": any_of([exchange]),
                    "apply-to": "exchanges",
                    "priority": OWN_PRIORITY,
                    "definition": {"federation-upstream-set": _set_name(sources)},
                }
                for (vhost, exchange), sources in sorted(
                    _sources(incoming, estate.topology).items()
                )
            ),
            *(_bound(link, estate) for link in outgoing),
        ],
    )


def watch(link: FederationLink, estate: Estate) -> Watch:
    """The upstream's queues, and what the downstream says of each exchange's link."""
    carried = _carried(link, estate.topology)
    return Watch(
        things="exchanges",
        backlog=tuple(
            Backlog(link.from_, link.vhost, upstream_queue(exchange, estate.cluster_names[link.to]))
            for exchange in carried
        ),
        states=tuple(
            State(
                region=link.to,
                path="/api/federation-links",
                match={"upstream": link.from_, "vhost": link.vhost, "exchange": exchange},
                field="status",
                good="running",
                thing=f"exchange {exchange}",
            )
            for exchange in carried
        ),
    )


def upstream_value(link: FederationLink, estate: Estate) -> dict[str, Any]:
    """The parameter `federation-upstream`. Every key with a wrong or disputed default is set."""
    value: dict[str, Any] = {
        "uri": estate.uri(link, link.heartbeat),
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


def upstream_queue(exchange: str, downstream_cluster: str) -> str:
    """Name of the queue in the upstream region that holds what the link has not fetched yet.

    RabbitMQ appends vhost and exchange when they differ from the upstream's; ours never do
    (`rabbit_federation_exchange_link.erl`, upstream_queue_name).
    """
    return f"{_QUEUE_PREFIX}{exchange}{_QUEUE_ARROW}{downstream_cluster}"


def _carried(link: FederationLink, topology: Topology) -> Sequence[str]:
    return link.carried(topology.vhosts[link.vhost])


def _names(link: FederationLink, estate: Estate) -> str:
    """Pattern of the link's upstream queues, unanchored."""
    carried = "|".join(re.escape(name) for name in _carried(link, estate.topology))
    cluster = re.escape(estate.cluster_names[link.to])
    return f"{_QUEUE_PREFIX}({carried}){_QUEUE_ARROW}{cluster}"


def _right(link: FederationLink, estate: Estate) -> Right:
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
    own = f"{_names(link, estate)}( [AB])?"
    carried = [re.escape(name) for name in _carried(link, estate.topology)]
    return Right(
        user=estate.user(link),
        vhost=link.vhost,
        configure=[own],
        write=[own],
        read=[own, *carried],
    )


def _bound(link: FederationLink, estate: Estate) -> Item:
    """What waits for a cut-off region is bounded by bytes and age, whatever its link declares.

    The oldest are dropped, as they are by age. The other way, `reject-publish`, would have the
    publishers pay for it: a message that one of its queues rejects is nacked as a whole
    (RabbitMQ, "Queue Length Limit"), so the loss of a standby would stop the primary.
    """
    definition: Item = {
        "max-length-bytes": int(quantity(link.max_backlog))
        if link.max_backlog is not None
        else estate.room[link.from_],
        "overflow": "drop-head",
    }
    if link.message_ttl is not None:
        definition["message-ttl"] = duration_ms(link.message_ttl)
    return {
        "vhost": link.vhost,
        "name": f"warren.backlog.{link.to}",
        "pattern": f"^{_names(link, estate)}$",
        "apply-to": "queues",
        "priority": OWN_PRIORITY,
        "definition": definition,
    }


def _sources(
    incoming: Sequence[FederationLink], topology: Topology
) -> dict[tuple[str, str], tuple[str, ...]]:
    sources: dict[tuple[str, str], tuple[str, ...]] = {}
    for link in sorted(incoming, key=lambda item: item.from_):
        for exchange in _carried(link, topology):
            key = (link.vhost, exchange)
            sources[key] = (*sources.get(key, ()), link.from_)
    return sources


def _set_name(sources: Sequence[str]) -> str:
    return "+".join(sources)


def _upstream_sets(incoming: Sequence[FederationLink], topology: Topology) -> list[Item]:
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
