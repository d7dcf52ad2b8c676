"""What a stack's names are made from, and what they give, on whichever cloud the zone is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pulumi

from components.context import Context


@dataclass(frozen=True)
class RegionAddress:
    """Where a region is reached.

    Attributes:
        host: IP address or host name of its load balancer.
        type: A or CNAME; `plan.address_type` tells it from the settings where they know.
        location: the region's place if it is on the zone's own cloud; Cloud DNS orders backups by
            place.
    """

    host: pulumi.Input[str]
    type: pulumi.Input[str]
    location: str | None = None


@dataclass(frozen=True)
class NamingArgs:
    """What the names are made from.

    Attributes:
        context: of the stack.
        regions: all of them, by name.
        order: the regions that may have the global name, the first choice first (`plan.order`).
        protect: refuse to delete the zone.
    """

    context: Context
    regions: Mapping[str, RegionAddress]
    order: Sequence[str]
    protect: bool = True


class Naming(Protocol):
    """A zone with its records.

    Attributes:
        global_name: the name that follows the primary.
        name_servers: what the domain's parent must delegate to; empty for a zone that was there.
    """

    global_name: str
    name_servers: pulumi.Output[Sequence[str]]
