"""Rules on links that need the regions and the topology beside them, alike for all kinds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from components.settings.links.base import LinkBase
from components.settings.patterns import matches
from components.settings.region_base import RegionBase
from components.settings.topology import Topology

COMMON_NAME = 64
"""Characters of a certificate's common name (RFC 5280, ub-common-name); Erlang refuses more."""


def user_of(pair: str, generation: int) -> str:
    """The upstream's user that a pair's links log in as: their certificate's common name.

    No declared user can have a colon in its name, and no shell takes one amiss.
    """
    return f"link:{pair}:{generation}"


def file_of(pair: str, generation: int) -> str:
    """Name of a pair's certificate and key among a region's files, without `.crt` and `.key`.

    Another generation has other files: Erlang keeps what it read of a file for two minutes.
    """
    return f"{pair}.{generation}"


def wrong_links(
    links: Sequence[LinkBase],
    regions: Mapping[str, RegionBase],
    topology: Topology,
    generations: Mapping[str, int],
) -> Iterator[str]:
    """What is wrong with the links, as sentences that begin with a key's path."""
    seen: dict[str, int] = {}
    for number, link in enumerate(links):
        here = f"links[{number}]"
        wrong = list(_ends(here, link, regions, topology))
        yield from wrong
        if wrong:
            continue
        yield from _topology(here, number, link, topology)
        user = user_of(link.pair, generations.get(link.to, 1))
        if len(user) > COMMON_NAME:
            yield (
                f"{here}: its certificate's name, {user}, has {len(user)} characters, and a "
                f"certificate takes {COMMON_NAME}; give the regions shorter names"
            )
        if link.name in seen:
            yield (
                f"{here}: links[{seen[link.name]}] joins {link.from_} to {link.to} in vhost "
                f"'{link.vhost}' already; put both patterns into one link: one|other"
            )
        seen[link.name] = number
    yield from _undialled(links, generations)


def unreachable(links: Sequence[LinkBase], regions: Mapping[str, RegionBase]) -> Iterator[str]:
    """Upstream regions whose address no other cluster can dial."""
    for name in sorted({link.from_ for link in links} & set(regions)):
        region = regions[name]
        if region.broker.service.type != "LoadBalancer" and region.advertise is None:
            yield (
                f"regions.{name}.advertise: missing; links dial this region, and a service of type "
                f"{region.broker.service.type} has an address in its own cluster only. Give the host "
                "and port under which the other regions reach it, or write type: LoadBalancer"
            )


def _ends(here: str, link: LinkBase, regions: Collection[str], topology: Topology) -> Iterator[str]:
    known = ", ".join(sorted(regions))
    for key, name in (("from", link.from_), ("to", link.to)):
        if name not in regions:
            yield f"{here}.{key}: no region '{name}' (declared: {known})"
    if link.vhost not in topology.vhosts:
        vhosts = ", ".join(sorted(topology.vhosts)) or "none"
        yield f"{here}.vhost: no vhost '{link.vhost}' (declared: {vhosts})"


def _topology(here: str, number: int, link: LinkBase, topology: Topology) -> Iterator[str]:
    vhost = topology.vhosts[link.vhost]
    for key, sentence in link.wrong(vhost):
        yield f"{here}.{key}: {sentence}"
    for name in link.carried(vhost):
        if name in vhost.queues:
            yield (
                f"{here}: it carries exchange '{name}', and "
                f"topology.vhosts.{link.vhost}.queues.{name} has the same name. The link's right to "
                "read the exchange would be one to read and purge the queue too, since RabbitMQ's "
                "permissions do not tell them apart; give the queue another name, such as "
                f"{name}.work"
            )
    # An exchange has one policy; a user's on a federated exchange would switch the link off.
    for name in link.policed(vhost):
        for key, policy in vhost.policies.items():
            if policy.apply_to == "exchanges" and matches(policy.pattern, name):
                yield (
                    f"topology.vhosts.{link.vhost}.policies.{key}: it matches exchange '{name}' "
                    f"of links[{number}], and an exchange can have only one policy; "
                    "use exchange arguments instead"
                )


def _undialled(links: Sequence[LinkBase], generations: Mapping[str, int]) -> Iterator[str]:
    dialling = {link.to for link in links}
    for name in sorted(set(generations) - dialling):
        yield (
            f"tls.link_generations.{name}: no link runs to a region '{name}' "
            f"(links run to: {', '.join(sorted(dialling)) or 'none'})"
        )
