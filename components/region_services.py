"""What a region gets when the addresses of all regions are known: its topology, links and all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.context import Context
from components.links import Estate, Upstream, definitions_for, sources
from components.links.graph import room
from components.region import Region
from components.settings import Settings
from components.settings.links import LinkBase
from components.topology import Topology, TopologyArgs, Users, definitions


@dataclass(frozen=True)
class RegionServicesArgs:
    """What they are made from.

    Attributes:
        context: of the stack.
        settings: of the stack.
        regions: all of them, with their brokers.
        users: of the stack.
        certificate_authority: the stack's CA certificate (PEM).
    """

    context: Context
    settings: Settings
    regions: Mapping[str, Region]
    users: Users
    certificate_authority: pulumi.Output[str]


class RegionServices:
    """A region's services. They are children of the region, which is a resource; this is none.

    Attributes:
        topology: the definitions, applied.
    """

    topology: Topology

    def __init__(self, name: str, args: RegionServicesArgs) -> None:
        settings, region = args.settings, args.regions[name]
        self.topology = Topology(
            name,
            TopologyArgs(
                context=args.context,
                region=name,
                settings=settings.regions[name].broker,
                broker=region.broker,
                document=_document(name, args),
                passwords=args.users.of(name),
                certificate_authority=args.certificate_authority,
                vhosts=tuple(settings.topology.vhosts),
            ),
            region.inside,
        )


def linked_estate(
    context: Context, settings: Settings, upstreams: Mapping[str, Upstream] | None = None
) -> Estate:
    """The estate as links see it; without `upstreams` where no address is needed."""
    links: Sequence[LinkBase] = settings.links
    return Estate(
        topology=settings.topology,
        upstreams=upstreams or {},
        cluster_names={name: context.cluster_name(name) for name in settings.regions},
        room=room(settings.regions, links, settings.topology),
        generations=settings.tls.link_generations,
    )


def _document(name: str, args: RegionServicesArgs) -> pulumi.Output[str]:
    """The region's definitions document (JSON, secret)."""
    settings = args.settings
    dialled = {source: args.regions[source].broker for source in sources(name, settings.links)}
    known = args.users.of(name)
    users = sorted(known)

    def document(values: list[Any]) -> str:
        hosts, passwords = values
        upstreams = {
            source: Upstream(host, broker.port, broker.server_name)
            for (source, broker), host in zip(dialled.items(), hosts, strict=True)
        }
        estate = linked_estate(args.context, settings, upstreams)
        return json.dumps(
            definitions(
                settings.topology,
                args.users.roles,
                dict(zip(users, passwords, strict=True)),
                definitions_for(name, settings.links, estate),
            ),
            sort_keys=True,
        )

    hosts = pulumi.Output.all(*(broker.host for broker in dialled.values()))
    passwords = pulumi.Output.all(*(known[user] for user in users))
    return pulumi.Output.secret(pulumi.Output.all(hosts, passwords).apply(document))
