"""`warren:clouds:GcpNames`: a Cloud DNS zone, with a primary/backup policy for the global name.

Cloud DNS checks addresses, never host names, so every region of the global name must have one; the
settings refuse others (components/settings/clouds/gcp/naming.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_gcp import Provider, compute, dns

from components.naming.contract import NamingArgs
from components.settings.clouds.gcp import GcpNaming
from components.settings.clouds.gcp.places import REGIONS

CHECK_TIMEOUT = 10


class GcpNames(pulumi.ComponentResource):
    """The zone, a record for each region, and the global name; fulfils `Naming`."""

    global_name: str
    name_servers: pulumi.Output[Sequence[str]]

    def __init__(
        self,
        name: str,
        settings: GcpNaming,
        args: NamingArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("warren:clouds:GcpNames", name, None, opts)
        self._settings, self._args = settings, args
        gcp = Provider(
            name,
            project=settings.project,
            region=settings.source_regions[0],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._child = pulumi.ResourceOptions(parent=self, provider=gcp)
        self._zone, self.name_servers = self._managed_zone(name)
        for region, address in args.regions.items():
            dns.RecordSet(
                f"{name}-{region}",
                managed_zone=self._zone,
                name=f"{args.context.host(region)}.",
                type=address.type,
                ttl=settings.ttl,
                rrdatas=[
                    pulumi.Output.all(address.type, address.host).apply(
                        lambda pair: f"{pair[1]}." if pair[0] == "CNAME" else pair[1]
                    )
                ],
                opts=self._child,
            )
        self.global_name = f"{settings.record}.{args.context.domain}"
        dns.RecordSet(
            name,
            managed_zone=self._zone,
            name=f"{self.global_name}.",
            type="A",
            ttl=settings.ttl,
            routing_policy=self._policy(name) if len(args.order) > 1 else None,
            rrdatas=None if len(args.order) > 1 else [args.regions[args.order[0]].host],
            opts=self._child,
        )
        self.register_outputs({"name": self.global_name, "name_servers": self.name_servers})

    def _managed_zone(self, name: str) -> tuple[pulumi.Input[str], pulumi.Output[Sequence[str]]]:
        if self._settings.zone is not None:
            return self._settings.zone, pulumi.Output.from_input([])
        zone = dns.ManagedZone(
            name,
            dns_name=f"{self._args.context.domain}.",
            description=f"RabbitMQ, {self._args.context.stack}",
            visibility="public",
            dnssec_config=dns.ManagedZoneDnssecConfigArgs(state="on"),
            cloud_logging_config=dns.ManagedZoneCloudLoggingConfigArgs(enable_logging=True),
            labels=self._args.context.tags("global"),
            opts=pulumi.ResourceOptions.merge(
                self._child,
                pulumi.ResourceOptions(
                    protect=self._args.protect, retain_on_delete=self._args.protect
                ),
            ),
        )
        return zone.name, zone.name_servers

    def _policy(self, name: str) -> dns.RecordSetRoutingPolicyArgs:
        """The first region while healthy; else a healthy one of the others, the nearest first.

        One address an item: a signed zone takes no more.
        """
        first, *others = self._args.order
        regions = self._args.regions
        return dns.RecordSetRoutingPolicyArgs(
            health_check=self._check(name).id,
            primary_backup=dns.RecordSetRoutingPolicyPrimaryBackupArgs(
                primary=dns.RecordSetRoutingPolicyPrimaryBackupPrimaryArgs(
                    external_endpoints=[regions[first].host]
                ),
                backup_geos=[
                    dns.RecordSetRoutingPolicyPrimaryBackupBackupGeoArgs(
                        location=location,
                        health_checked_targets=(
                            dns.RecordSetRoutingPolicyPrimaryBackupBackupGeoHealthCheckedTargetsArgs(
                                external_endpoints=[regions[region].host]
                            )
                        ),
                    )
                    for region, location in zip(others, self._locations(others), strict=True)
                ],
                enable_geo_fencing_for_backups=False,
                # A trickle would send live traffic to a fenced standby.
                trickle_ratio=0,
            ),
        )

    def _locations(self, regions: Sequence[str]) -> list[str]:
        """A place of Google's for each region: its own, or one that nobody else has."""
        own = {region: self._args.regions[region].location for region in regions}
        free = iter(place for place in REGIONS if place not in own.values())
        return [own[region] or next(free) for region in regions]

    def _check(self, name: str) -> compute.HealthCheck:
        check = self._settings.health_check
        https = check.kind == "https"
        return compute.HealthCheck(
            name,
            source_regions=list(self._settings.source_regions),
            check_interval_sec=check.interval,
            timeout_sec=CHECK_TIMEOUT,
            healthy_threshold=1,
            unhealthy_threshold=check.failures,
            tcp_health_check=(
                None if https else compute.HealthCheckTcpHealthCheckArgs(port=check.port)
            ),
            https_health_check=(
                compute.HealthCheckHttpsHealthCheckArgs(port=check.port, request_path=check.path)
                if https
                else None
            ),
            log_config=compute.HealthCheckLogConfigArgs(enable=True),
            opts=self._child,
        )
