"""Names of users: which Secret each gets, and which names would open what is not theirs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

OWN = ("admin", "monitoring")
"""Users that are in every region, each with a password of the region's own."""

_SECRET = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")


def secret_name(user: str) -> str:
    """Name of the Kubernetes Secret with the user's password (a DNS subdomain: no capitals, no '_')."""
    return f"rabbitmq-user-{user.lower().replace('_', '-')}"


def unusable(users: Iterable[str]) -> str | None:
    """The first declared user whose Secret could not be, or would be another's; a sentence, or None."""
    taken = {secret_name(user): user for user in OWN}
    for user in users:
        name = secret_name(user)
        if user in OWN or user == "guest" or user.lower().startswith("link-"):
            return f"users.{user}: this name is reserved; choose another"
        if not _SECRET.match(name):
            return (
                f"users.{user}: its Secret would be '{name}', which Kubernetes refuses; begin and end "
                "the name, and each part between dots, with a letter or digit"
            )
        if name in taken:
            return (
                f"users.{user}: its Secret would be '{name}', as that of '{taken[name]}' is, and one's "
                "password would overwrite the other's; use names that differ in more than capitals "
                "or '_' for '-'"
            )
        taken[name] = user
    return None


def impersonating(users: Iterable[str], domain: str, regions: Collection[str]) -> str | None:
    """The first declared user with a host name of ours, as a sentence, or None.

    Whoever shows a certificate of the stack's CA is logged in as the user of its common name
    (`ssl_cert_login_from`). Servers' have names that no user can have; a user with a region's host
    name is refused all the same, since older certificates may still be about.
    """
    for user in users:
        name = user.lower()
        if name == domain or name.endswith(f".{domain}") or name in regions:
            return (
                f"topology.users.{user}: this is a name of a region or of a host under {domain}, and a "
                "certificate with such a name could log in as this user; choose another"
            )
    return None
