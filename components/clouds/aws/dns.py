"""`warren:clouds:AwsNames`: a Route 53 zone, with failover records for the global name.

Answering queries and checking health is Route 53's data plane, on every continent. Changing
records is its control plane, in us-east-1 alone. So the records are made once, and a failover
changes none where the health check knows the role (components/naming/plan.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_aws import Provider, route53

from components.naming.contract import NamingArgs
from components.naming.plan import failover_chain
from components.settings.clouds.aws import AwsNaming

HOME = "us-east-1"
"""Where Route 53's control plane is; a provider wants some region."""


class AwsNames(pulumi.ComponentResource):
    """The zone, a record for each region, and the global name; fulfils `Naming`."""

    global_name: str
    name_servers: pulumi.Output[Sequence[str]]

    def __init__(
        self,
        name: str,
        settings: AwsNaming,
        args: NamingArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("warren:clouds:AwsNames", name, None, opts)
        self._settings, self._args = settings, args
        self._tags = args.context.tags("global")
        aws = Provider(
            name,
            region=HOME,
            allowed_account_ids=[settings.account],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._child = pulumi.ResourceOptions(parent=self, provider=aws)
        self._zone, self.name_servers = self._hosted_zone(name)
        for region, address in args.regions.items():
            self._record(
                f"{name}-{region}",
                args.context.host(region),
                type=address.type,
                target=address.host,
            )
        self.global_name = f"{settings.record}.{args.context.domain}"
        self._global(name)
        self.register_outputs({"name": self.global_name, "name_servers": self.name_servers})

    def _hosted_zone(self, name: str) -> tuple[pulumi.Input[str], pulumi.Output[Sequence[str]]]:
        if self._settings.zone_id is not None:
            return self._settings.zone_id, pulumi.Output.from_input([])
        zone = route53.Zone(
            name,
            name=self._args.context.domain,
            comment=f"RabbitMQ, {self._args.context.stack}",
            tags=self._tags,
            opts=pulumi.ResourceOptions.merge(
                self._child,
                pulumi.ResourceOptions(
                    protect=self._args.protect, retain_on_delete=self._args.protect
                ),
            ),
        )
        return zone.zone_id, zone.name_servers

    def _record(
        self,
        name: str,
        record: str,
        *,
        type: pulumi.Input[str],
        target: pulumi.Input[str],
        failover: str | None = None,
        health_check: route53.HealthCheck | None = None,
    ) -> None:
        route53.Record(
            name,
            zone_id=self._zone,
            name=record,
            type=type,
            ttl=self._settings.ttl,
            records=[target],
            set_identifier=name if failover else None,
            failover_routing_policies=(
                [route53.RecordFailoverRoutingPolicyArgs(type=failover)] if failover else None
            ),
            health_check_id=health_check.id if health_check else None,
            opts=self._child,
        )

    def _global(self, name: str) -> None:
        context, regions = self._args.context, self._args.order
        checks = {region: self._check(f"{name}-{region}", region) for region in regions}
        if len(regions) == 1:
            self._record(name, self.global_name, type="CNAME", target=context.host(regions[0]))
        for tier in failover_chain(self._settings.record, regions):
            record = f"{tier.record}.{context.domain}"
            self._record(
                f"{name}-{tier.record}-first",
                record,
                type="CNAME",
                target=context.host(tier.region),
                failover="PRIMARY",
                health_check=checks[tier.region],
            )
            self._record(
                f"{name}-{tier.record}-second",
                record,
                type="CNAME",
                target=f"{tier.otherwise}.{context.domain}",
                failover="SECONDARY",
                health_check=checks[tier.otherwise] if tier.last else None,
            )

    def _check(self, name: str, region: str) -> route53.HealthCheck:
        check, host = self._settings.health_check, self._args.context.host(region)
        https = check.kind == "https"
        return route53.HealthCheck(
            name,
            type="HTTPS" if https else "TCP",
            fqdn=host,
            port=check.port,
            resource_path=check.path if https else None,
            enable_sni=True if https else None,
            request_interval=check.interval,
            failure_threshold=check.failures,
            tags={**self._tags, "Name": host},
            opts=self._child,
        )
