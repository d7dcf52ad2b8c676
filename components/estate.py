"""`warren:estate:Estate`: all regions of a stack and the links between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components.certificates import CertificateAuthority, CertificateAuthorityArgs
from components.clouds import Cloud, build_cloud
from components.context import Context
from components.links import LinkCertificates, LinkCertificatesArgs, peers, watch
from components.naming import (
    Naming,
    NamingArgs,
    RegionAddress,
    address_type,
    build_naming,
    checker_ranges,
    order,
    zone_place,
)
from components.outputs import (
    EstateOutputs,
    LinkOutputs,
    NamesOutputs,
    RegionOutputs,
    properties,
)
from components.region import Region, RegionArgs
from components.region_services import RegionServices, RegionServicesArgs, linked_estate
from components.settings import Settings
from components.settings.links import Link
from components.settings.values import duration_seconds
from components.topology import Users, UsersArgs


@dataclass(frozen=True)
class EstateArgs:
    """What an estate is made from.

    Attributes:
        context: of the stack.
        settings: of the stack.
    """

    context: Context
    settings: Settings


class Estate(pulumi.ComponentResource):
    """Regions, links, users and certificates.

    Order: every region's cloud, then every region's brokers (whose entry address the others need),
    then every region's topology, which holds the links.

    Attributes:
        regions: by name.
        users: with their passwords.
        authority: the stack's CA.
        naming: the public DNS zone; None where another DNS serves the names.
    """

    regions: Mapping[str, Region]
    users: Users
    authority: CertificateAuthority
    naming: Naming | None

    def __init__(
        self, name: str, args: EstateArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:estate:Estate", name, None, opts)
        settings = args.settings
        self._args = args
        child = pulumi.ResourceOptions(parent=self)
        self.authority = CertificateAuthority(
            "ca",
            CertificateAuthorityArgs(
                common_name=f"{args.context.project} {args.context.stack} CA",
                validity_hours=duration_seconds(settings.tls.ca_validity) // 3600,
            ),
            child,
        )
        self.users = Users(
            "users",
            UsersArgs(declared=settings.topology.users, regions=list(settings.regions)),
            child,
        )
        self._certificates = LinkCertificates(
            "links",
            LinkCertificatesArgs(links=settings.links, authority=self.authority, tls=settings.tls),
            child,
        )
        clouds = {
            region: build_cloud(region, args.context, spec, child)
            for region, spec in settings.regions.items()
        }
        self._clouds: Mapping[str, Cloud] = clouds
        self.regions = {region: self._region(region, clouds) for region in settings.regions}
        for region in settings.regions:
            RegionServices(
                region,
                RegionServicesArgs(
                    context=args.context,
                    settings=settings,
                    regions=self.regions,
                    users=self.users,
                    certificate_authority=self.authority.certificate,
                ),
            )
        self.naming = self._names()
        self.register_outputs({"regions": sorted(self.regions)})

    def _region(self, name: str, clouds: Mapping[str, Cloud]) -> Region:
        settings = self._args.settings
        linked = peers(name, settings.links)
        entries = {peer: settings.regions[peer].entry for peer in linked}
        return Region(
            name,
            RegionArgs(
                context=self._args.context,
                settings=settings.regions[name],
                cloud=clouds[name],
                authority=self.authority,
                tls=settings.tls,
                boot_definitions=self.users.boot_definitions[name],
                links=self._certificates.dialled_by(name, settings.links),
                peers=[
                    *(range_ for peer in linked for range_ in clouds[peer].egress),
                    *checker_ranges(settings.naming),
                ],
                upstreams=sorted({range_ for range_, _ in entries.values()}),
                upstream_ports=sorted({port for _, port in entries.values()}),
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _names(self) -> Naming | None:
        settings = self._args.settings
        if settings.naming is None:
            return None
        addresses = {
            name: RegionAddress(
                host=region.broker.host,
                type=address_type(settings.regions[name], region.broker.host),
                location=zone_place(settings.naming, settings.regions[name]),
            )
            for name, region in self.regions.items()
        }
        return build_naming(
            "names",
            settings.naming,
            NamingArgs(
                context=self._args.context,
                regions=addresses,
                order=order(settings.naming, settings.dr),
                protect=any(region.protect for region in settings.regions.values()),
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def outputs(self) -> dict[str, pulumi.Input[Any]]:
        """The stack's outputs: what `warren status` and clients need to find the estate."""
        settings = self._args.settings
        found = EstateOutputs[pulumi.Input[str]](
            domain=settings.domain,
            namespace=settings.namespace,
            primary=settings.dr.primary,
            epoch=settings.dr.epoch,
            regions={name: self._region_outputs(name) for name in settings.regions},
            links=[self._link_outputs(link) for link in settings.links],
            names=NamesOutputs(self.naming.global_name, self.naming.name_servers)
            if self.naming
            else None,
            ca=self.authority.certificate,
            users=self.users.shared,
            operators=self.users.operators,
        )
        exported: dict[str, Any] = properties(found)
        secret = {key: pulumi.Output.secret(exported[key]) for key in ("users", "operators")}
        return {**exported, **secret}

    def _link_outputs(self, link: Link) -> LinkOutputs:
        return LinkOutputs(
            name=link.name,
            kind=link.kind,
            from_=link.from_,
            to=link.to,
            vhost=link.vhost,
            watch=watch(link, linked_estate(self._args.context, self._args.settings)),
        )

    def _region_outputs(self, name: str) -> RegionOutputs[pulumi.Input[str]]:
        settings, broker = self._args.settings, self.regions[name].broker
        spec = settings.regions[name]
        if name == settings.dr.primary:
            role = "primary"
        else:
            role = "standby" if name in settings.dr.standby else "active"
        return RegionOutputs(
            cloud=spec.cloud,
            role=role,
            context=self._clouds[name].kube_context,
            kubeconfig=self._clouds[name].kubeconfig,
            cluster_name=self._args.context.cluster_name(name),
            replicas=spec.broker.replicas,
            host=broker.host,
            port=broker.port,
            server_name=broker.server_name,
            amqps=pulumi.Output.concat("amqps://", broker.host, ":", str(broker.port)),
            management=f"https://{broker.names.client_service}.{settings.namespace}.svc:15671",
        )
