"""A region's definitions document: vhosts, users, permissions, exchanges, queues, bindings, policies,
parameters. Pure functions from settings to RabbitMQ's definitions format ("Schema Definition Export
and Import")."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.settings.patterns import matches
from components.settings.topology import Exchange, Queue, Topology, User, Vhost, vhost_limits
from components.settings.values import duration_ms
from components.topology.passwords import ALGORITHM, NO_CONNECTIONS, password_hash

Item = dict[str, Any]

OWN_PRIORITY = 100
"""Priority of the policies that warren makes; those of users end at 99."""


@dataclass(frozen=True)
class QueuePolicy:
    """Policy keys that a link needs on a declared queue, which has one policy in all.

    Attributes:
        vhost: of the queue.
        queue: its name.
        definition: the keys.
    """

    vhost: str
    queue: str
    definition: Mapping[str, Any]


@dataclass(frozen=True)
class LinkDefinitions:
    """What links add to a region's document.

    Attributes:
        users: users of links that log in here (this region is upstream): no password, so that only
            the certificate with their name lets them in.
        permissions: of those users.
        exchanges: of the links' own.
        queues: of the links' own.
        bindings: of the links' own.
        parameters: upstreams, upstream sets and shovels that run here (this region is downstream).
        policies: that switch federation on for exchanges here, and bound what waits for others.
        queue_policies: keys that go into the policies of declared queues.
    """

    users: Sequence[Item] = field(default_factory=tuple)
    permissions: Sequence[Item] = field(default_factory=tuple)
    exchanges: Sequence[Item] = field(default_factory=tuple)
    queues: Sequence[Item] = field(default_factory=tuple)
    bindings: Sequence[Item] = field(default_factory=tuple)
    parameters: Sequence[Item] = field(default_factory=tuple)
    policies: Sequence[Item] = field(default_factory=tuple)
    queue_policies: Sequence[QueuePolicy] = field(default_factory=tuple)


def definitions(
    topology: Topology,
    roles: Mapping[str, User],
    passwords: Mapping[str, str],
    links: LinkDefinitions,
) -> dict[str, list[Item]]:
    """The whole document of one region.

    Args:
        topology: vhosts and what is in them.
        roles: all users with a password.
        passwords: their passwords; only hashes get into the document.
        links: what the region's links add.
    """
    vhosts = topology.vhosts
    return {
        "vhosts": [
            {"name": name, "metadata": {"default_queue_type": vhost.default_queue_type}}
            for name, vhost in vhosts.items()
        ],
        "users": [
            *(
                {
                    "name": name,
                    "password_hash": password_hash(name, passwords[name]),
                    "hashing_algorithm": ALGORITHM,
                    "tags": _TAGS[user.role],
                    "limits": _limits(user, topology),
                }
                for name, user in roles.items()
            ),
            *links.users,
        ],
        "permissions": [
            *(
                permission
                for name, user in roles.items()
                for permission in _permissions(name, user, vhosts)
            ),
            *links.permissions,
        ],
        "exchanges": [
            *(
                _exchange(vhost, name, exchange)
                for vhost, content in vhosts.items()
                for name, exchange in content.exchanges.items()
            ),
            *links.exchanges,
        ],
        "queues": [
            *(
                _queue(vhost, name, queue)
                for vhost, content in vhosts.items()
                for name, queue in content.queues.items()
            ),
            *links.queues,
        ],
        "bindings": [
            *(
                binding
                for vhost, content in vhosts.items()
                for binding in _bindings(vhost, content)
            ),
            *links.bindings,
        ],
        "policies": [
            *(
                policy
                for vhost, content in vhosts.items()
                for policy in _policies(vhost, content, _for_links(vhost, links))
            ),
            *links.policies,
        ],
        "parameters": [*(_vhost_limits(topology, name) for name in vhosts), *links.parameters],
    }


_TAGS: dict[str, list[str]] = {
    "administrator": ["administrator"],
    "monitoring": ["monitoring"],
    "producer": [],
    "consumer": [],
}


def _limits(user: User, topology: Topology) -> Item:
    if user.operates:
        return dict(NO_CONNECTIONS)
    limits = user.limits or topology.limits.users
    return {"max-connections": limits.max_connections, "max-channels": limits.max_channels}


def _vhost_limits(topology: Topology, name: str) -> Item:
    """As RabbitMQ keeps them: a parameter (`rabbit_vhost_limit`)."""
    limits = vhost_limits(topology, name)
    return {
        "vhost": name,
        "component": "vhost-limits",
        "name": "limits",
        "value": {"max-connections": limits.max_connections, "max-queues": limits.max_queues},
    }


def any_of(names: Sequence[str]) -> str:
    """A pattern that matches exactly these names; none of them: the pattern that matches nothing."""
    return f"^({'|'.join(re.escape(name) for name in sorted(names))})$" if names else "^$"


def _permissions(name: str, user: User, vhosts: Mapping[str, Vhost]) -> list[Item]:
    allowed = user.vhosts if user.vhosts is not None else list(vhosts)
    return [
        {"user": name, "vhost": vhost, **_rights(user, vhosts[vhost])}
        for vhost in allowed
        if vhost in vhosts
    ]


def _rights(user: User, vhost: Vhost) -> Item:
    """Least privilege: nobody but the administrator declares anything; topology is the program's."""
    if user.role == "administrator":
        return {"configure": ".*", "write": ".*", "read": ".*"}
    if user.role == "producer":
        writable = any_of([name for name, item in vhost.exchanges.items() if not item.internal])
        return {"configure": "^$", "write": writable, "read": "^$"}
    if user.role == "consumer":
        return {"configure": "^$", "write": "^$", "read": any_of(list(vhost.queues))}
    return {"configure": "^$", "write": "^$", "read": "^$"}


def _exchange(vhost: str, name: str, exchange: Exchange) -> Item:
    arguments: Item = dict(exchange.arguments)
    if exchange.alternate_exchange is not None:
        arguments["alternate-exchange"] = exchange.alternate_exchange
    return {
        "vhost": vhost,
        "name": name,
        "type": exchange.type,
        "durable": exchange.durable,
        "auto_delete": False,
        "internal": exchange.internal,
        "arguments": arguments,
    }


def _queue(vhost: str, name: str, queue: Queue) -> Item:
    arguments: Item = {"x-queue-type": queue.type, **queue.arguments}
    if queue.single_active_consumer:
        arguments["x-single-active-consumer"] = True
    if queue.max_priority is not None:
        arguments["x-max-priority"] = queue.max_priority
    return {
        "vhost": vhost,
        "name": name,
        "durable": True,
        "auto_delete": False,
        "arguments": arguments,
    }


def _bindings(vhost: str, content: Vhost) -> list[Item]:
    return [
        {
            "vhost": vhost,
            "source": binding.exchange,
            "destination": binding.queue or binding.to_exchange,
            "destination_type": "queue" if binding.queue else "exchange",
            "routing_key": binding.routing_key,
            "arguments": dict(binding.arguments),
        }
        for binding in content.bindings
    ]


def _queue_keys(queue: Queue) -> Item:
    keys: Item = {
        "max-length": queue.max_length,
        "max-length-bytes": queue.max_length_bytes,
        "overflow": queue.overflow,
        "message-ttl": duration_ms(queue.message_ttl) if queue.message_ttl else None,
        "dead-letter-exchange": queue.dead_letter_exchange,
        "dead-letter-routing-key": queue.dead_letter_routing_key,
        "delivery-limit": queue.delivery_limit,
    }
    return {key: value for key, value in keys.items() if value is not None}


def _for_links(vhost: str, links: LinkDefinitions) -> dict[str, Item]:
    """What links need on the queues of a vhost, by queue.

    Raises:
        ValueError: two links want different things. A fault of the program, not of a stack.
    """
    found: dict[str, Item] = {}
    for policy in links.queue_policies:
        if policy.vhost != vhost:
            continue
        keys = found.setdefault(policy.queue, {})
        for key, value in policy.definition.items():
            if keys.setdefault(key, value) != value:
                raise ValueError(f"links: two of them want another {key} on queue {policy.queue}")
    return found


def _policies(vhost: str, content: Vhost, for_links: Mapping[str, Item]) -> list[Item]:
    """The user's policies, and one for each queue whose settings a policy carries.

    Only one policy takes effect on a queue, so the queue's own is merged with the user's that would
    have won; the queue's settings win over it key by key. What links need is laid over both.
    """
    own: list[Item] = []
    for name, queue in content.queues.items():
        keys = _queue_keys(queue) | for_links.get(name, {})
        if not keys:
            continue
        winners = sorted(
            (policy.priority, key)
            for key, policy in content.policies.items()
            if policy.apply_to in _APPLIES[queue.type] and matches(policy.pattern, name)
        )
        inherited = dict(content.policies[winners[-1][1]].definition) if winners else {}
        own.append(
            {
                "vhost": vhost,
                "name": f"warren.queue.{name}",
                "pattern": any_of([name]),
                "apply-to": "queues",
                "priority": OWN_PRIORITY,
                "definition": inherited | keys,
            }
        )
    users = [
        {
            "vhost": vhost,
            "name": key,
            "pattern": policy.pattern,
            "apply-to": policy.apply_to,
            "priority": policy.priority,
            "definition": dict(policy.definition),
        }
        for key, policy in content.policies.items()
    ]
    return [*users, *own]


_APPLIES: dict[str, tuple[str, ...]] = {
    "quorum": ("queues", "quorum_queues"),
    "classic": ("queues", "classic_queues"),
    "stream": ("queues", "streams"),
}
