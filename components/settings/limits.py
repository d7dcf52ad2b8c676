"""Limits on what users and vhosts may open and hold, so that no one of them can starve the brokers.

RabbitMQ has no limit of its own on any of these ("Per-user Resource Limits", "Virtual Hosts: Limits").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from components.settings.values import Model

Count = Annotated[int, Field(ge=1, le=1_000_000)]


class UserLimits(Model):
    """What one application user may open, in a region's whole cluster."""

    max_connections: Count = Field(
        default=1000, description="Connections at a time, of all the user's clients together."
    )
    max_channels: Count = Field(
        default=10_000, description="Channels at a time, of all the user's connections together."
    )


class VhostLimits(Model):
    """What one vhost may hold, in a region's whole cluster."""

    max_connections: Count = Field(
        default=5000,
        description="Connections at a time. A link's own into the vhost counts too, so leave room: at "
        "the limit it is refused like the others.",
    )
    max_queues: Count = Field(
        default=1000, description="Queues, with those that links keep for other regions."
    )


class LinkLimits(Model):
    """What the user of a pair of linked regions may open, in the upstream region."""

    connections_per_exchange: Annotated[int, Field(ge=2, le=100)] = Field(
        default=4,
        description="Connections for each exchange that the pair's links carry. A link needs one; "
        "after a cut the broker holds the lost one too until its heartbeats are missed.",
    )
    channels_per_connection: Annotated[int, Field(ge=2, le=100)] = Field(
        default=4, description="Channels for each of those connections; a link uses two."
    )


class Limits(Model):
    """Limits of all users and vhosts; a user's or vhost's own win."""

    users: UserLimits = Field(default_factory=UserLimits, description="Of each application user.")
    vhosts: VhostLimits = Field(default_factory=VhostLimits, description="Of each vhost.")
    links: LinkLimits = Field(default_factory=LinkLimits, description="Of each link's user.")


def crowded(
    limits: Mapping[str, int], declared: Mapping[str, int], carried: Mapping[tuple[str, str], int]
) -> str | None:
    """The first vhost whose queues its own limit would refuse, as a sentence, or None.

    Args:
        limits: of queues, by vhost.
        declared: declared queues, by vhost.
        carried: queues that links keep in a region, by region and vhost.
    """
    most: dict[str, int] = {}
    for (_, vhost), count in carried.items():
        most[vhost] = max(most.get(vhost, 0), count)
    for vhost, limit in limits.items():
        needed = declared[vhost] + most.get(vhost, 0)
        if needed > limit:
            return (
                f"topology.vhosts.{vhost}.limits.max_queues: {limit} is less than the {needed} queues "
                f"that are declared or kept for links; give {2 * needed} or more, or declare fewer"
            )
    return None
