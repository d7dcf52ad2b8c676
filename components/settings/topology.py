"""Settings of vhosts, exchanges, queues, bindings, policies and application users."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from components.settings.arguments import ARGUMENTS, POLICIES, newer, wrong_arguments, wrong_policy
from components.settings.keys import similar
from components.settings.limits import Limits, UserLimits, VhostLimits
from components.settings.patterns import matches
from components.settings.problems import refuse
from components.settings.region_base import RegionBase
from components.settings.users import unusable
from components.settings.values import Duration, Formed, Model, ObjectName, Regex

Argument = str | int | float | bool


def _routing_key(value: str) -> str:
    if len(value.encode()) > 255:
        raise ValueError(f"{len(value.encode())} bytes are too many; AMQP takes 255")
    return value


VhostName = Annotated[
    str,
    Formed(
        r"^(/|[A-Za-z0-9][A-Za-z0-9._-]*)$",
        "a vhost's name: '/', or letters, digits, '.', '_' and '-'",
        100,
    ),
]
RoutingKey = Annotated[str, AfterValidator(_routing_key)]
"""At most 255 bytes, AMQP's short string."""


class Exchange(Model):
    """An exchange. The same in every region, so that a standby routes as the primary does."""

    type: Literal["direct", "fanout", "topic", "headers", "x-consistent-hash"] = Field(
        default="topic", description="Routing of the exchange."
    )
    durable: bool = Field(default=True, description="Survives a restart.")
    internal: bool = Field(
        default=False, description="Takes messages from exchanges only; can't be federated."
    )
    alternate_exchange: ObjectName | None = Field(
        default=None, description="Where unroutable messages go."
    )
    arguments: dict[str, Argument] = Field(default_factory=dict, description="Further arguments.")

    @model_validator(mode="after")
    def _arguments(self) -> Self:
        if "alternate-exchange" in self.arguments:
            refuse(["arguments.alternate-exchange: write alternate_exchange instead"])
        return self


class Queue(Model):
    """A queue. What RabbitMQ lets a policy set is set by policy, so that it can change in place."""

    type: Literal["quorum", "classic", "stream"] = Field(
        default="quorum", description="Replicated, single or log."
    )
    max_length: Annotated[int, Field(gt=0)] | None = Field(
        default=None, description="Messages kept at most."
    )
    max_length_bytes: Annotated[int, Field(gt=0)] | None = Field(
        default=None, description="Bytes kept at most."
    )
    overflow: Literal["drop-head", "reject-publish"] | None = Field(
        default=None, description="What a full queue does: drop the oldest, or refuse the newest."
    )
    message_ttl: Duration | None = Field(
        default=None, description="Age at which a message expires."
    )
    dead_letter_exchange: ObjectName | None = Field(
        default=None, description="Where rejected and expired go."
    )
    dead_letter_routing_key: RoutingKey | None = Field(
        default=None, description="Routing key of dead letters."
    )
    delivery_limit: Annotated[int, Field(ge=-1)] | None = Field(
        default=None,
        description="Redeliveries before a quorum queue drops or dead-letters; -1 for no limit.",
    )
    max_priority: Annotated[int, Field(ge=1, le=255)] | None = Field(
        default=None,
        description="Priorities of a classic queue; quorum queues have two without it.",
    )
    single_active_consumer: bool = Field(
        default=False, description="One consumer at a time, others wait."
    )
    arguments: dict[str, Argument] = Field(
        default_factory=dict,
        description="Further arguments; they can't change once the queue exists.",
    )

    @model_validator(mode="after")
    def _fits_type(self) -> Self:
        refuse([*self._misfits(), *wrong_arguments(self.type, self.arguments)])
        return self

    def _misfits(self) -> Iterator[str]:
        for key, argument in _TYPED.items():
            given = getattr(self, key)
            if given is None or given is False:
                continue
            takers = ARGUMENTS[argument].types
            if self.type not in takers:
                which = " and ".join(f"{item} queues" for item in takers)
                yield f"{key}: a {self.type} queue does not take it; it is for {which}"
            if argument in self.arguments:
                yield f"arguments.{argument}: {key} says it already; take one of them out"
        if self.dead_letter_routing_key is not None and self.dead_letter_exchange is None:
            yield "dead_letter_routing_key: without a dead_letter_exchange it has no effect; give both"
        if "x-dead-letter-routing-key" in self.arguments and (
            "x-dead-letter-exchange" not in self.arguments
        ):
            yield (
                "arguments.x-dead-letter-routing-key: RabbitMQ refuses it without "
                "x-dead-letter-exchange; use dead_letter_exchange and dead_letter_routing_key"
            )


_TYPED = {
    "max_length": "x-max-length",
    "max_length_bytes": "x-max-length-bytes",
    "overflow": "x-overflow",
    "message_ttl": "x-message-ttl",
    "dead_letter_exchange": "x-dead-letter-exchange",
    "dead_letter_routing_key": "x-dead-letter-routing-key",
    "delivery_limit": "x-delivery-limit",
    "max_priority": "x-max-priority",
    "single_active_consumer": "x-single-active-consumer",
}
"""The argument that each typed key of a queue stands for."""


class Binding(Model):
    """A binding from an exchange to a queue or another exchange."""

    exchange: ObjectName = Field(description="Source exchange.")
    queue: ObjectName | None = Field(default=None, description="Destination queue.")
    to_exchange: ObjectName | None = Field(default=None, description="Destination exchange.")
    routing_key: RoutingKey = Field(default="#", description="Routing or binding key.")
    arguments: dict[str, Argument] = Field(
        default_factory=dict, description="Header matches and the like."
    )

    @model_validator(mode="after")
    def _one_destination(self) -> Self:
        if (self.queue is None) == (self.to_exchange is None):
            raise ValueError("give exactly one destination: queue or to_exchange")
        return self


class Policy(Model):
    """A policy of the user. At most one policy takes effect on an object: the highest priority wins."""

    pattern: Regex = Field(description="Which names it matches.")
    apply_to: Literal["queues", "quorum_queues", "classic_queues", "streams", "exchanges"] = Field(
        default="queues", description="What it is for."
    )
    priority: Annotated[int, Field(ge=0, le=99)] = Field(
        default=0, description="Highest wins; warren's own policies stand at 100 and above."
    )
    definition: dict[str, Argument] = Field(
        min_length=1, description="Policy keys, as RabbitMQ has them."
    )

    @model_validator(mode="after")
    def _modern(self) -> Self:
        refuse(wrong_policy(self.apply_to, self.definition))
        return self


class Vhost(Model):
    """A virtual host and everything in it."""

    default_queue_type: Literal["quorum", "classic", "stream"] = Field(
        default="quorum", description="Type of queues that clients declare without one."
    )
    exchanges: dict[ObjectName, Exchange] = Field(default_factory=dict, description="By name.")
    queues: dict[ObjectName, Queue] = Field(default_factory=dict, description="By name.")
    bindings: list[Binding] = Field(default_factory=list, description="Bindings of this vhost.")
    policies: dict[ObjectName, Policy] = Field(default_factory=dict, description="By name.")
    limits: VhostLimits | None = Field(
        default=None, description="This vhost's own; topology.limits.vhosts by default."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        refuse(
            [*wrong_names(self), *wrong_bindings(self), *wrong_targets(self), *self._collisions()]
        )
        return self

    def _collisions(self) -> Iterator[str]:
        """Two policies of equal priority on one queue: RabbitMQ picks one, which one is chance."""
        for name in self.queues:
            matching = [
                (policy.priority, key)
                for key, policy in self.policies.items()
                if policy.apply_to != "exchanges" and matches(policy.pattern, name)
            ]
            top = max((priority for priority, _ in matching), default=0)
            winners = [key for priority, key in matching if priority == top]
            if len(winners) > 1:
                yield (
                    f"policies.{sorted(winners)[0]}: policies {', '.join(sorted(winners))} all match "
                    f"queue '{name}' at priority {top}; RabbitMQ applies only one: merge them or give "
                    "them different priorities"
                )


def _exchange(vhost: Vhost, name: str) -> bool:
    return name in vhost.exchanges or name in BUILT_IN


def wrong_names(vhost: Vhost) -> Iterator[str]:
    """Names that RabbitMQ keeps for itself."""
    for section, names in (("exchanges", vhost.exchanges), ("queues", vhost.queues)):
        for name in names:
            if name.startswith("amq."):
                yield f"{section}.{name}: names that begin with 'amq.' belong to RabbitMQ"


def wrong_bindings(vhost: Vhost) -> Iterator[str]:
    """Bindings of what is not there, or that the exchange's type refuses."""
    for number, binding in enumerate(vhost.bindings):
        here = f"bindings[{number}]"
        for key, exchange in (("exchange", binding.exchange), ("to_exchange", binding.to_exchange)):
            if exchange is not None and not _exchange(vhost, exchange):
                known = _known(vhost.exchanges)
                yield f"{here}.{key}: no exchange '{exchange}' {known}{_similar(exchange, vhost.exchanges)}"
        if binding.queue is not None and binding.queue not in vhost.queues:
            known = _known(vhost.queues)
            yield f"{here}.queue: no queue '{binding.queue}' {known}{_similar(binding.queue, vhost.queues)}"
        source = vhost.exchanges.get(binding.exchange)
        kind = source.type if source else BUILT_IN.get(binding.exchange)
        # rabbit_exchange_type_consistent_hash:validate_binding; each unit is a point on the ring.
        if kind == "x-consistent-hash" and not re.fullmatch(
            r"[1-9][0-9]{0,2}", binding.routing_key
        ):
            yield (
                f"{here}.routing_key: '{binding.routing_key}' is no weight; of a consistent-hash "
                'exchange it is one, a whole number from 1 to 999: write "1"'
            )
        if kind == "headers" and (match := binding.arguments.get("x-match", "all")) not in _MATCHES:
            yield f"{here}.arguments.x-match: '{match}' is none of {', '.join(_MATCHES)}"


_MATCHES = ("all", "any", "all-with-x", "any-with-x")
"""rabbit_exchange_type_headers:validate_binding."""

BUILT_IN = {
    "amq.direct": "direct",
    "amq.fanout": "fanout",
    "amq.topic": "topic",
    "amq.headers": "headers",
    "amq.match": "headers",
    "amq.rabbitmq.trace": "topic",
}
"""Exchanges that every vhost has (`rabbit_vhost:declare_default_exchanges`), with their types."""


def wrong_targets(vhost: Vhost) -> Iterator[str]:
    """Exchanges that are named and not there: messages sent to them would be dropped in silence."""
    for name, exchange in vhost.exchanges.items():
        yield from _target(
            vhost, f"exchanges.{name}.alternate_exchange", exchange.alternate_exchange
        )
    for name, queue in vhost.queues.items():
        yield from _target(vhost, f"queues.{name}.dead_letter_exchange", queue.dead_letter_exchange)
        given = queue.arguments.get("x-dead-letter-exchange")
        yield from _target(vhost, f"queues.{name}.arguments.x-dead-letter-exchange", given)
    for name, policy in vhost.policies.items():
        for key in ("alternate-exchange", "dead-letter-exchange"):
            given = policy.definition.get(key)
            yield from _target(vhost, f"policies.{name}.definition.{key}", given)


def _target(vhost: Vhost, path: str, name: object) -> Iterator[str]:
    if isinstance(name, str) and not _exchange(vhost, name):
        yield f"{path}: no exchange '{name}' {_known(vhost.exchanges)}{_similar(name, vhost.exchanges)}"


def too_new(topology: Topology, regions: Mapping[str, RegionBase]) -> Iterator[str]:
    """Arguments and policy keys that a region's RabbitMQ does not know yet."""
    for region, place in regions.items():
        major, _, minor = place.broker.version.partition(".")
        series = (int(major), int(minor))
        for vhost, content in topology.vhosts.items():
            here = f"topology.vhosts.{vhost}"
            for name, queue in content.queues.items():
                for key, since in newer(queue.arguments, ARGUMENTS, series):
                    yield (
                        f"{here}.queues.{name}.arguments.{key}: RabbitMQ knows it since {since}, and "
                        f"region '{region}' runs {place.broker.version}; take it out"
                    )
            for name, policy in content.policies.items():
                for key, since in newer(policy.definition, POLICIES, series):
                    yield (
                        f"{here}.policies.{name}.definition.{key}: RabbitMQ knows it since {since}, "
                        f"and region '{region}' runs {place.broker.version}; take it out"
                    )


def _similar(name: str, names: Mapping[str, object]) -> str:
    return similar(name, list(names))


class User(Model):
    """An application user. Its password is generated and kept in the stack's secrets."""

    role: Literal["producer", "consumer", "monitoring", "administrator"] = Field(
        description="producer: publishes to the declared exchanges; consumer: reads the declared queues; "
        "monitoring: reads metrics and the management API; administrator: everything. The last two "
        "work by the management API alone, never by AMQPS, and have a password in each region."
    )
    vhosts: list[VhostName] | None = Field(
        default=None, description="Where it may work; all by default."
    )
    limits: UserLimits | None = Field(
        default=None, description="This user's own; topology.limits.users by default."
    )

    @model_validator(mode="after")
    def _operators_connect_to_nothing(self) -> Self:
        if self.operates and self.limits is not None:
            raise ValueError(
                f"limits: a user of role {self.role} opens no connection to queues; take them out"
            )
        return self

    @property
    def operates(self) -> bool:
        """Whether it looks after brokers, so that its password is each region's own."""
        return self.role in ("administrator", "monitoring")


class Topology(Model):
    """All vhosts and users, alike in every region."""

    vhosts: dict[VhostName, Vhost] = Field(default_factory=dict, description="By name.")
    users: dict[ObjectName, User] = Field(
        default_factory=lambda: {
            "producer": User(role="producer"),
            "consumer": User(role="consumer"),
        },
        description="By name; admin and monitoring users are always there.",
    )
    limits: Limits = Field(
        default_factory=Limits, description="What users and vhosts may open and hold."
    )

    @model_validator(mode="after")
    def _users_are_ours(self) -> Self:
        wrong = unusable(self.users)
        refuse([*([wrong] if wrong else []), *self._wrong_users()])
        return self

    def _wrong_users(self) -> Iterator[str]:
        for name, user in self.users.items():
            for number, vhost in enumerate(user.vhosts or []):
                if vhost not in self.vhosts:
                    yield (
                        f"users.{name}.vhosts[{number}]: no vhost '{vhost}' {_known(self.vhosts)}"
                        f"{_similar(vhost, self.vhosts)}"
                    )


def vhost_limits(topology: Topology, name: str) -> VhostLimits:
    """The limits of a vhost: its own, or the common ones."""
    return topology.vhosts[name].limits or topology.limits.vhosts


def _known(names: object) -> str:
    listed = ", ".join(sorted(str(name) for name in names)) if isinstance(names, dict) else ""
    return f"(declared: {listed})" if listed else "(none is declared)"
