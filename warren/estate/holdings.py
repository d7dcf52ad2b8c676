"""What a region's brokers should hold, what they hold, and what differs.

What they should hold lies in the region itself, in the Secret that its topology job imports: status
needs no program and no settings for it. What they hold is read as the region's administrator, whose
password is in a Secret beside it: RabbitMQ shows users, permissions and whole definitions to nobody
else (`rabbit_mgmt_wm_definitions`, `rabbit_mgmt_wm_users`: is_authorized_admin), and a further user
with that tag would be a further door. Only GETs are made in its name; everything else that status asks
it asks as the monitoring user.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from warren.estate.drift import Document, Drift, drift, hidden_exchanges
from warren.live.kubernetes import Cluster
from warren.live.objects import ObjectRef
from warren.live.rabbitmq import Management, ManagementError

ADMIN = "admin"

_DOCUMENT = ("rabbitmq-definitions", "definitions.json")
_PASSWORD = ("rabbitmq-user-admin", "password")

_TOLD = 10
"""Drifted objects of a region that are told one by one to people; machines get all."""

LOCKED_OUT = Drift(
    "users",
    f"user {ADMIN}",
    "changed",
    "the brokers do not know it, or not by its password; without it nobody can read what else differs",
)


class NotDeclaredError(Exception):
    """The region's own record of what is declared is not there; the text says what is missing."""


@dataclass(frozen=True)
class Declared:
    """What a region's brokers should hold.

    Attributes:
        document: the definitions.
        password: of the region's administrator.
    """

    document: Document
    password: str


def declared(cluster: Cluster, namespace: str) -> Declared:
    """Reads it from the region's Secrets.

    Raises:
        NotDeclaredError: one of them is not there.
        ApiError: they may not be read.
        OSError: the API server does not answer.
    """
    return Declared(
        json.loads(_secret(cluster, namespace, *_DOCUMENT)),
        _secret(cluster, namespace, *_PASSWORD),
    )


def _secret(cluster: Cluster, namespace: str, name: str, key: str) -> str:
    found = cluster.get(ObjectRef("v1", "Secret", namespace, name))
    if found is None:
        raise NotDeclaredError(
            f"what is declared for its brokers (Secret {namespace}/{name}) is not there"
        )
    return base64.b64decode(found["data"][key]).decode()


def held(management: Management, wanted: Document) -> Document:
    """What the brokers hold; with those internal exchanges that are asked for by name.

    Args:
        management: in the administrator's name.
        wanted: the declared document.

    Raises:
        ManagementError: it can't be read.
    """
    found: dict[str, Any] = management.get("/api/definitions") or {}
    hidden = [
        management.get(
            f"/api/exchanges/{quote(item['vhost'], safe='')}/{quote(item['name'], safe='')}"
        )
        for item in hidden_exchanges(wanted)
    ]
    return found | {"exchanges": [*found.get("exchanges", ()), *(item for item in hidden if item)]}


@dataclass(frozen=True)
class Compared:
    """A region's brokers against what is declared.

    Attributes:
        drifted: what differs.
        held: what they hold; None when nobody was let in to see.
    """

    drifted: Sequence[Drift]
    held: Document | None


def compared(management: Management, wanted: Declared) -> Compared:
    """What differs.

    Raises:
        ManagementError: it can't be read for another reason than a lost administrator.
    """
    try:
        found = held(management.acting_as(ADMIN, wanted.password), wanted.document)
    except ManagementError as error:
        if error.status == 401:
            return Compared([LOCKED_OUT], None)
        raise
    return Compared(drift(wanted.document, found), found)


def told(drifted: Sequence[Drift]) -> list[str]:
    """What differs, in a few lines for people."""
    more = len(drifted) - _TOLD
    lines = [str(item) for item in drifted[:_TOLD]]
    return [*lines, f"and {more} more differ from what is declared"] if more > 0 else lines
