"""`warren:clouds:GcpNetwork`: a VPC network with one subnet, which spans the region's zones.

Google's subnets and NAT are regional: the loss of a zone takes neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_gcp import compute

from components.clouds.addresses import RegionalPlan, regional_plan

PODS_RANGE = "pods"
SERVICES_RANGE = "services"


@dataclass(frozen=True)
class GcpNetworkArgs:
    """What the network is made from.

    Attributes:
        region: of Google Cloud.
        cidr: block that everything of the region is in.
        nat_addresses: how many fixed addresses pods leave by.
        labels: of what takes labels.
    """

    region: str
    cidr: str
    nat_addresses: int
    labels: Mapping[str, str]


class GcpNetwork(pulumi.ComponentResource):
    """The VPC network of a region.

    Attributes:
        network: the network.
        subnet: of nodes, pods and services.
        plan: its ranges.
        egress: fixed addresses that nodes and pods leave by, as /32 ranges.
        nat: the gateway that nodes and pods leave by.
        ready: what must be there before nodes can reach the outside.
    """

    network: compute.Network
    subnet: compute.Subnetwork
    plan: RegionalPlan
    egress: list[pulumi.Output[str]]
    nat: compute.RouterNat
    ready: list[pulumi.Resource]

    def __init__(
        self, name: str, args: GcpNetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:clouds:GcpNetwork", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.plan = regional_plan(args.cidr)
        self.network = compute.Network(
            name, auto_create_subnetworks=False, routing_mode="REGIONAL", opts=child
        )
        # Google refuses what nobody allows, but silently: this rule says it in the logs.
        compute.Firewall(
            f"{name}-refused",
            network=self.network.id,
            direction="INGRESS",
            priority=65534,
            source_ranges=["0.0.0.0/0"],
            denies=[compute.FirewallDenyArgs(protocol="all")],
            log_config=compute.FirewallLogConfigArgs(metadata="INCLUDE_ALL_METADATA"),
            opts=child,
        )
        self.subnet = compute.Subnetwork(
            name,
            network=self.network.id,
            region=args.region,
            ip_cidr_range=self.plan.nodes,
            secondary_ip_ranges=[
                compute.SubnetworkSecondaryIpRangeArgs(
                    range_name=PODS_RANGE, ip_cidr_range=self.plan.pods
                ),
                compute.SubnetworkSecondaryIpRangeArgs(
                    range_name=SERVICES_RANGE, ip_cidr_range=self.plan.services
                ),
            ],
            private_ip_google_access=True,
            log_config=compute.SubnetworkLogConfigArgs(
                aggregation_interval="INTERVAL_1_MIN",
                flow_sampling=0.5,
                metadata="INCLUDE_ALL_METADATA",
            ),
            opts=child,
        )
        addresses = [
            compute.Address(
                f"{name}-{number + 1}",
                region=args.region,
                address_type="EXTERNAL",
                network_tier="PREMIUM",
                labels=dict(args.labels),
                opts=child,
            )
            for number in range(args.nat_addresses)
        ]
        self.egress = [pulumi.Output.concat(address.address, "/32") for address in addresses]
        router = compute.Router(name, network=self.network.id, region=args.region, opts=child)
        self.nat = compute.RouterNat(
            name,
            router=router.name,
            region=args.region,
            nat_ip_allocate_option="MANUAL_ONLY",
            nat_ips=[address.self_link for address in addresses],
            source_subnetwork_ip_ranges_to_nat="ALL_SUBNETWORKS_ALL_IP_RANGES",
            log_config=compute.RouterNatLogConfigArgs(enable=True, filter="ERRORS_ONLY"),
            opts=child,
        )
        self.ready = [self.nat]
        self.register_outputs({"network": self.network.id, "egress": self.egress})
