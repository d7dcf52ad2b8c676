"""Settings of vhosts, exchanges, queues, bindings, policies and application users."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from components.settings.limits import Limits, UserLimits, VhostLimits
from components.settings.users import unusable
from components.settings.values import Duration, Model, ObjectName, Regex

Argument = str | int | float | bool
VhostName = Annotated[str, Field(pattern=r"^(/|[A-Za-z0-9][A-Za-z0-9._-]*)$", max_length=100)]


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
    dead_letter_routing_key: str | None = Field(
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
        if self.type == "stream" and (self.message_ttl or self.dead_letter_exchange):
            raise ValueError("a stream has no message_ttl and no dead_letter_exchange")
        if self.max_priority is not None and self.type != "classic":
            raise ValueError(f"max_priority is for classic queues, not for a {self.type} queue")
        if self.delivery_limit is not None and self.type != "quorum":
            raise ValueError(f"delivery_limit is for quorum queues, not for a {self.type} queue")
        return self


class Binding(Model):
    """A binding from an exchange to a queue or another exchange."""

    exchange: ObjectName = Field(description="Source exchange.")
    queue: ObjectName | None = Field(default=None, description="Destination queue.")
    to_exchange: ObjectName | None = Field(default=None, description="Destination exchange.")
    routing_key: str = Field(default="#", description="Routing or binding key.")
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
        for key in self.definition:
            if key.startswith("ha-"):
                raise ValueError(
                    f"definition.{key}: mirrored queues do not exist in RabbitMQ 4; use quorum queues"
                )
            if key.startswith("federation-"):
                raise ValueError(f"definition.{key}: federation is declared under warren:links")
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
        for name in [*self.exchanges, *self.queues]:
            if name.startswith("amq."):
                raise ValueError(f"{name}: names that begin with 'amq.' belong to RabbitMQ")
        for number, binding in enumerate(self.bindings):
            here = f"bindings[{number}]"
            sources = [binding.exchange, *([binding.to_exchange] if binding.to_exchange else [])]
            for exchange in sources:
                if exchange not in self.exchanges and not exchange.startswith("amq."):
                    raise ValueError(f"{here}: no exchange '{exchange}' {_known(self.exchanges)}")
            if binding.queue is not None and binding.queue not in self.queues:
                raise ValueError(f"{here}: no queue '{binding.queue}' {_known(self.queues)}")
        for name, exchange in self.exchanges.items():
            other = exchange.alternate_exchange
            if other is not None and other not in self.exchanges:
                raise ValueError(
                    f"exchanges.{name}.alternate_exchange: no exchange '{other}' {_known(self.exchanges)}"
                )
        for name, queue in self.queues.items():
            other = queue.dead_letter_exchange
            if other is not None and other not in self.exchanges:
                raise ValueError(
                    f"queues.{name}.dead_letter_exchange: no exchange '{other}' {_known(self.exchanges)}"
                )
        self._policies_do_not_collide()
        return self

    def _policies_do_not_collide(self) -> None:
        """Two policies of equal priority on one queue: RabbitMQ picks one, which one is chance."""
        for name in self.queues:
            matching = [
                (policy.priority, key)
                for key, policy in self.policies.items()
                if policy.apply_to != "exchanges" and re.search(policy.pattern, name)
            ]
            top = max((priority for priority, _ in matching), default=0)
            winners = [key for priority, key in matching if priority == top]
            if len(winners) > 1:
                raise ValueError(
                    f"policies {', '.join(sorted(winners))} all match queue '{name}' at priority {top}; "
                    "RabbitMQ applies only one: merge them or give them different priorities"
                )


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
        if wrong is not None:
            raise ValueError(wrong)
        for name, user in self.users.items():
            for vhost in user.vhosts or []:
                if vhost not in self.vhosts:
                    raise ValueError(
                        f"users.{name}.vhosts: no vhost '{vhost}' {_known(self.vhosts)}"
                    )
        return self


def vhost_limits(topology: Topology, name: str) -> VhostLimits:
    """The limits of a vhost: its own, or the common ones."""
    return topology.vhosts[name].limits or topology.limits.vhosts


def _known(names: object) -> str:
    listed = ", ".join(sorted(str(name) for name in names)) if isinstance(names, dict) else ""
    return f"(declared: {listed})" if listed else "(none is declared)"
