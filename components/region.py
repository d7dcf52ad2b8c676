"""`warren:region:Region`: one place: its cluster, its namespace, its brokers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import core, meta

from components.broker import Broker, BrokerArgs
from components.certificates import Certificate, CertificateAuthority
from components.clouds import Cloud
from components.context import Context
from components.settings.region_base import RegionBase
from components.settings.stack import Tls


@dataclass(frozen=True)
class RegionArgs:
    """What a region is made from.

    Attributes:
        context: of the stack.
        settings: the region's own.
        cloud: its cluster.
        authority: the stack's CA.
        tls: lifetimes.
        boot_definitions: what a new cluster starts with (JSON, secret).
        links: certificates of the links that this region dials, by pair.
        peers: address ranges of the other regions, let in beside the declared clients.
        upstreams: address ranges of the regions that this one's links dial.
        upstream_ports: AMQPS ports of the regions that this one's links dial.
    """

    context: Context
    settings: RegionBase
    cloud: Cloud
    authority: CertificateAuthority
    tls: Tls
    boot_definitions: pulumi.Output[str]
    links: Mapping[str, Certificate]
    peers: Sequence[pulumi.Input[str]]
    upstreams: Sequence[pulumi.Input[str]] = ()
    upstream_ports: Sequence[int] = ()


class Region(pulumi.ComponentResource):
    """A region with running brokers.

    Attributes:
        broker: its RabbitMQ cluster.
        inside: options for further resources of this region: parent and provider.
    """

    broker: Broker
    inside: pulumi.ResourceOptions

    def __init__(
        self, name: str, args: RegionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:region:Region", name, None, opts)
        # A tuple would do for one provider; the mapping also reaches components' own children.
        self.inside = pulumi.ResourceOptions(
            parent=self, providers={"kubernetes": args.cloud.provider}
        )
        namespace = core.v1.Namespace(
            name,
            metadata=meta.v1.ObjectMetaArgs(
                name=args.context.namespace,
                labels={
                    **args.context.labels("namespace", name),
                    **{
                        f"pod-security.kubernetes.io/{mode}": "restricted"
                        for mode in ("enforce", "audit", "warn")
                    },
                },
            ),
            opts=pulumi.ResourceOptions(parent=self, provider=args.cloud.provider),
        )
        self.broker = Broker(
            name,
            BrokerArgs(
                context=args.context,
                region=name,
                settings=args.settings.broker,
                authority=args.authority,
                tls=args.tls,
                boot_definitions=args.boot_definitions,
                links=args.links,
                storage_class=args.cloud.storage_class,
                service_annotations=args.cloud.service_annotations,
                allowed_sources=[*args.settings.broker.service.allowed_sources, *args.peers],
                pods=list(args.settings.inner_ranges().values()),
                upstreams=args.upstreams,
                upstream_ports=args.upstream_ports,
                advertise=args.settings.advertise,
                management=args.settings.management,
                protect=args.settings.protect,
            ),
            pulumi.ResourceOptions.merge(
                self.inside, pulumi.ResourceOptions(depends_on=[namespace])
            ),
        )
        self.register_outputs({"host": self.broker.host, "server_name": self.broker.server_name})
