"""`warren:clouds:AzureNames`: an Azure DNS zone, with Traffic Manager behind the global name.

Azure DNS itself checks nothing. The global name leads to a Traffic Manager profile, which answers
with the first healthy region; probing and answering go on without Azure's control plane.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import pulumi
from pulumi_azure_native import Provider, dns, resources, trafficmanager

from components.clouds.azure.names import environment
from components.naming.contract import NamingArgs, RegionAddress
from components.settings.clouds.azure import AzureNaming

EXTERNAL = "Microsoft.Network/trafficManagerProfiles/externalEndpoints"
PROBE_TIMEOUT = 5
"""Seconds; the shortest that Traffic Manager takes at either interval."""


class AzureNames(pulumi.ComponentResource):
    """The zone, a record for each region, and the global name; fulfils `Naming`."""

    global_name: str
    name_servers: pulumi.Output[Sequence[str]]

    def __init__(
        self,
        name: str,
        settings: AzureNaming,
        args: NamingArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("warren:clouds:AzureNames", name, None, opts)
        self._settings, self._args = settings, args
        self._tags = args.context.tags("global")
        azure = Provider(
            name,
            subscription_id=settings.subscription,
            tenant_id=settings.tenant,
            location=settings.location,
            environment=environment(settings.location),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._child = pulumi.ResourceOptions(parent=self, provider=azure)
        self._kept = pulumi.ResourceOptions.merge(
            self._child, pulumi.ResourceOptions(protect=args.protect)
        )
        self._group = self._resource_group(name)
        self._zone, self.name_servers = self._dns_zone(name)
        for region, address in args.regions.items():
            self._region(f"{name}-{region}", region, address)
        self.global_name = f"{settings.record}.{args.context.domain}"
        dns.RecordSet(
            name,
            resource_group_name=self._group,
            zone_name=self._zone,
            relative_record_set_name=settings.record,
            record_type="CNAME",
            ttl=settings.ttl,
            target_resource=dns.SubResourceArgs(id=self._profile(name).id),
            metadata=self._tags,
            opts=self._child,
        )
        self.register_outputs({"name": self.global_name, "name_servers": self.name_servers})

    def _resource_group(self, name: str) -> pulumi.Input[str]:
        if self._settings.resource_group is not None:
            return self._settings.resource_group
        return resources.ResourceGroup(
            name, location=self._settings.location, tags=self._tags, opts=self._kept
        ).name

    def _dns_zone(self, name: str) -> tuple[pulumi.Input[str], pulumi.Output[Sequence[str]]]:
        domain = self._args.context.domain
        if self._settings.resource_group is not None:
            return domain, pulumi.Output.from_input([])
        zone = dns.Zone(
            name,
            zone_name=domain,
            resource_group_name=self._group,
            location="global",
            zone_type=dns.ZoneType.PUBLIC,
            tags=self._tags,
            opts=self._kept,
        )
        return zone.name, zone.name_servers

    def _region(self, name: str, region: str, address: RegionAddress) -> None:
        """Azure wants the answer under another key for each type, and no other type's beside it."""
        known = pulumi.Output.all(address.type, address.host)

        def answer(kind: str, value: Callable[[str], Any]) -> pulumi.Output[Any] | None:
            if isinstance(address.type, str) and address.type != kind:
                return None
            return known.apply(lambda pair: value(pair[1]) if pair[0] == kind else None)

        dns.RecordSet(
            name,
            resource_group_name=self._group,
            zone_name=self._zone,
            relative_record_set_name=region,
            record_type=address.type,
            ttl=self._settings.ttl,
            a_records=answer("A", lambda host: [dns.ARecordArgs(ipv4_address=host)]),
            aaaa_records=answer("AAAA", lambda host: [dns.AaaaRecordArgs(ipv6_address=host)]),
            cname_record=answer("CNAME", lambda host: dns.CnameRecordArgs(cname=host)),
            metadata=self._tags,
            opts=self._child,
        )

    def _profile(self, name: str) -> trafficmanager.Profile:
        settings, args = self._settings, self._args
        check = settings.health_check
        https = check.kind == "https"
        # <relative name>.trafficmanager.net must be nobody else's in the world.
        unique = hashlib.sha256(f"{settings.subscription}/{args.context.domain}".encode())
        return trafficmanager.Profile(
            name,
            resource_group_name=self._group,
            location="global",
            profile_status=trafficmanager.ProfileStatus.ENABLED,
            traffic_routing_method=trafficmanager.TrafficRoutingMethod.PRIORITY,
            dns_config=trafficmanager.DnsConfigArgs(
                relative_name=f"{args.context.physical(name, 40)}-{unique.hexdigest()[:8]}",
                ttl=settings.ttl,
            ),
            monitor_config=trafficmanager.MonitorConfigArgs(
                protocol=(
                    trafficmanager.MonitorProtocol.HTTPS
                    if https
                    else trafficmanager.MonitorProtocol.TCP
                ),
                port=check.port,
                path=check.path if https else None,
                interval_in_seconds=check.interval,
                timeout_in_seconds=PROBE_TIMEOUT,
                # The endpoint goes with the failure after the tolerated ones.
                tolerated_number_of_failures=check.failures - 1,
            ),
            endpoints=[
                trafficmanager.EndpointArgs(
                    name=region,
                    type=EXTERNAL,
                    target=args.context.host(region),
                    priority=number,
                    endpoint_status=trafficmanager.EndpointStatus.ENABLED,
                    always_serve=trafficmanager.AlwaysServe.DISABLED,
                )
                for number, region in enumerate(args.order, start=1)
            ],
            tags=self._tags,
            opts=self._child,
        )
