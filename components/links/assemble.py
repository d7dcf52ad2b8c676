"""Links of all kinds, put together into what they add to one region's definitions. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from components.links.contract import Additions, Estate, Right, module_of
from components.settings.links import LinkBase, kind_of
from components.topology.definitions import Item, LinkDefinitions
from components.watch import Watch


def definitions_for(region: str, links: Sequence[LinkBase], estate: Estate) -> LinkDefinitions:
    """What the links add to the definitions of `region`.

    Raises:
        ValueError: two kinds make something of one name. A fault of the program, not of a stack.
    """
    parts = [
        module_of(of_kind[0]).additions(region, of_kind, estate)
        for of_kind in _by_kind(links).values()
    ]
    outgoing = [link for link in links if link.from_ == region]
    return LinkDefinitions(
        users=[
            _user(name, [link for link in outgoing if estate.user(link) == name], estate)
            for name in sorted({estate.user(link) for link in outgoing})
        ],
        permissions=merged(right for part in parts for right in part.rights),
        exchanges=_all(parts, "exchanges", ("vhost", "name")),
        queues=_all(parts, "queues", ("vhost", "name")),
        bindings=[item for part in parts for item in part.bindings],
        parameters=_all(parts, "parameters", ("vhost", "component", "name")),
        policies=_all(parts, "policies", ("vhost", "name")),
        queue_policies=[item for part in parts for item in part.queue_policies],
    )


def watch(link: LinkBase, estate: Estate) -> Watch:
    """What is watched of a link."""
    return module_of(link).watch(link, estate)


def merged(rights: Iterable[Right]) -> list[Item]:
    """RabbitMQ's permissions: one for a user and vhost, whose patterns match what any right does."""
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    for right in rights:
        patterns = found.setdefault(
            (right.user, right.vhost), {"configure": [], "write": [], "read": []}
        )
        for key, given in (
            ("configure", right.configure),
            ("write", right.write),
            ("read", right.read),
        ):
            patterns[key] += [item for item in given if item not in patterns[key]]
    return [
        {"user": user, "vhost": vhost, **{key: _pattern(given) for key, given in patterns.items()}}
        for (user, vhost), patterns in found.items()
    ]


def _pattern(names: Sequence[str]) -> str:
    return f"^({'|'.join(names)})$" if names else "^$"


def _by_kind(links: Sequence[LinkBase]) -> dict[str, list[LinkBase]]:
    found: dict[str, list[LinkBase]] = {}
    for link in links:
        found.setdefault(kind_of(link).key, []).append(link)
    return found


def _user(name: str, links: Sequence[LinkBase], estate: Estate) -> Item:
    return {
        "name": name,
        # Without a hash no password lets it in: the certificate alone does.
        "password_hash": "",
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": [],
        "limits": _limits(links, estate),
    }


def _limits(links: Sequence[LinkBase], estate: Estate) -> dict[str, int]:
    """What the user may open: enough for its links, twice over, and no more."""
    limits = estate.topology.limits.links
    kept = sum(link.kept(estate.topology.vhosts[link.vhost]) for link in links)
    connections = limits.connections_per_exchange * max(kept, 1)
    return {
        "max-connections": connections,
        "max-channels": connections * limits.channels_per_connection,
    }


def _all(parts: Sequence[Additions], section: str, identity: Sequence[str]) -> list[Item]:
    items: list[Item] = [item for part in parts for item in getattr(part, section)]
    seen: set[tuple[object, ...]] = set()
    for item in items:
        key = tuple(item[name] for name in identity)
        if key in seen:
            raise ValueError(f"links: two kinds make {section} {' '.join(map(str, key))}")
        seen.add(key)
    return items
