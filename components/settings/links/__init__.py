"""Settings of links between regions: a model a kind, and the rules that they share."""

from components.settings.links.base import LinkBase
from components.settings.links.federation import FederationLink
from components.settings.links.registry import Link, LinkKind, kind_of, register, registered
from components.settings.links.rules import file_of, user_of

__all__ = [
    "FederationLink",
    "Link",
    "LinkBase",
    "LinkKind",
    "file_of",
    "kind_of",
    "register",
    "registered",
    "user_of",
]
