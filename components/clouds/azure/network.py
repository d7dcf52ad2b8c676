"""`warren:clouds:AzureNetwork`: a virtual network with a subnet for each of three zones' nodes.

Azure's subnets span zones, but NAT gateways do not: so each zone's nodes have a subnet with a
gateway and an address of their own, and the loss of a zone takes no other zone's way out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import network, storage

from components.clouds.addresses import zonal_plan
from components.clouds.azure.identity import AzureIdentity, one_of
from components.clouds.azure.names import (
    NETWORK_CONTRIBUTOR,
    STORAGE_BLOB_DATA_CONTRIBUTOR,
    global_name,
)

ZONES = ("1", "2", "3")
NAT_IDLE_MINUTES = 10
"""A link's heartbeat is far below it; idle connections of clients are cut by the broker first."""


@dataclass(frozen=True)
class AzureNetworkArgs:
    """What the network is made from.

    Attributes:
        resource_group: that it is in.
        location: of Azure.
        cidr: range of the virtual network.
        public_ports: TCP ports let through from the Internet to load balancers.
        identity: the region's identities.
        owner: what the flow logs' account's world-wide name is made from.
        watcher_group: resource group of the subscription's Network Watcher.
        watcher: its name.
        log_retention_days: how long flow logs are kept.
        tags: of everything.
    """

    resource_group: pulumi.Input[str]
    location: str
    cidr: str
    public_ports: Sequence[int]
    identity: AzureIdentity
    owner: tuple[str, ...]
    watcher_group: str
    watcher: str
    log_retention_days: int
    tags: Mapping[str, str]


class AzureNetwork(pulumi.ComponentResource):
    """The virtual network of a region.

    Attributes:
        subnets: of nodes, one a zone.
        egress: fixed addresses that nodes and pods leave by, as /32 ranges.
        ready: rights that the control plane needs before it uses the subnets.
    """

    subnets: list[network.Subnet]
    egress: list[pulumi.Output[str]]
    ready: list[pulumi.Resource]

    def __init__(
        self, name: str, args: AzureNetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:clouds:AzureNetwork", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        virtual_network = network.VirtualNetwork(
            name,
            resource_group_name=args.resource_group,
            address_space=network.AddressSpaceArgs(address_prefixes=[args.cidr]),
            tags=dict(args.tags),
            # Subnets are resources of their own; the network's list of them is not ours to keep.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["subnets"]),
        )
        guard = self._security_group(name)
        self.subnets, self.egress, self.ready = [], [], []
        for zone, cidr in zip(ZONES, zonal_plan(args.cidr).private, strict=True):
            subnet = self._zone(f"{name}-{zone}", zone, cidr, virtual_network, guard)
            self.subnets.append(subnet)
            self.ready.append(
                args.identity.grant(
                    f"{name}-{zone}-subnet",
                    args.identity.cluster,
                    NETWORK_CONTRIBUTOR,
                    subnet.id,
                    self,
                )
            )
        self._flow_log(name, virtual_network)
        self.register_outputs({"network": virtual_network.id, "egress": self.egress})

    def _zone(
        self,
        name: str,
        zone: str,
        cidr: str,
        virtual_network: network.VirtualNetwork,
        guard: network.NetworkSecurityGroup,
    ) -> network.Subnet:
        args = self._args
        address = network.PublicIPAddress(
            name,
            resource_group_name=args.resource_group,
            sku=network.PublicIPAddressSkuArgs(
                name=network.PublicIPAddressSkuName.STANDARD,
                tier=network.PublicIPAddressSkuTier.REGIONAL,
            ),
            public_ip_allocation_method=network.IPAllocationMethod.STATIC,
            public_ip_address_version=network.IPVersion.I_PV4,
            zones=[zone],
            tags=dict(args.tags),
            opts=self._child,
        )
        gateway = network.NatGateway(
            name,
            resource_group_name=args.resource_group,
            sku=network.NatGatewaySkuArgs(name=network.NatGatewaySkuName.STANDARD),
            public_ip_addresses=[network.SubResourceArgs(id=address.id)],
            idle_timeout_in_minutes=NAT_IDLE_MINUTES,
            zones=[zone],
            tags=dict(args.tags),
            opts=self._child,
        )
        self.egress.append(address.ip_address.apply(lambda known: f"{known}/32"))
        # One after the other: Azure refuses two changes of a virtual network at once.
        after = self.subnets[-1:]
        return network.Subnet(
            name,
            resource_group_name=args.resource_group,
            virtual_network_name=virtual_network.name,
            address_prefix=cidr,
            default_outbound_access=False,
            nat_gateway=network.SubResourceArgs(id=gateway.id),
            network_security_group=network.NetworkSecurityGroupArgs(id=guard.id),
            opts=pulumi.ResourceOptions(parent=self, depends_on=after),
        )

    def _security_group(self, name: str) -> network.NetworkSecurityGroup:
        """Nothing comes in from the Internet but to the brokers' port.

        AKS opens each service's port to that service's allowed sources in a group of its own, which
        must agree as well; this one keeps other services shut whatever they ask for.
        """
        args = self._args
        return network.NetworkSecurityGroup(
            name,
            resource_group_name=args.resource_group,
            security_rules=[
                network.SecurityRuleArgs(
                    name="brokers",
                    description="AMQPS; allowed sources are decided by the service",
                    priority=100,
                    direction=network.SecurityRuleDirection.INBOUND,
                    access=network.SecurityRuleAccess.ALLOW,
                    protocol=network.SecurityRuleProtocol.TCP,
                    source_address_prefix="Internet",
                    source_port_range="*",
                    destination_address_prefix="*",
                    destination_port_ranges=[str(port) for port in args.public_ports],
                ),
                network.SecurityRuleArgs(
                    name="health-probes",
                    # Their address, 168.63.129.16, is a public one: without this the last rule may
                    # drop them, and the load balancer would take every node for dead.
                    description="The load balancer's health probes",
                    priority=110,
                    direction=network.SecurityRuleDirection.INBOUND,
                    access=network.SecurityRuleAccess.ALLOW,
                    protocol=network.SecurityRuleProtocol.TCP,
                    source_address_prefix="AzureLoadBalancer",
                    source_port_range="*",
                    destination_address_prefix="*",
                    destination_port_range="*",
                ),
                network.SecurityRuleArgs(
                    name="nothing-else",
                    priority=4000,
                    direction=network.SecurityRuleDirection.INBOUND,
                    access=network.SecurityRuleAccess.DENY,
                    protocol=network.SecurityRuleProtocol.ASTERISK,
                    source_address_prefix="Internet",
                    source_port_range="*",
                    destination_address_prefix="*",
                    destination_port_range="*",
                ),
            ],
            tags=dict(args.tags),
            opts=self._child,
        )

    def _flow_log(self, name: str, virtual_network: network.VirtualNetwork) -> None:
        args = self._args
        account = storage.StorageAccount(
            f"{name}-flow",
            resource_group_name=args.resource_group,
            account_name=global_name("warrenflow", *args.owner),
            kind=storage.Kind.STORAGE_V2,
            sku=storage.SkuArgs(name=storage.SkuName.STANDARD_ZRS),
            minimum_tls_version=storage.MinimumTlsVersion.TLS1_2,
            enable_https_traffic_only=True,
            allow_blob_public_access=False,
            allow_cross_tenant_replication=False,
            allow_shared_key_access=False,
            network_rule_set=storage.NetworkRuleSetArgs(
                default_action=storage.DefaultAction.DENY, bypass=storage.Bypass.AZURE_SERVICES
            ),
            tags=dict(args.tags),
            opts=self._child,
        )
        grant = args.identity.grant(
            f"{name}-flow",
            args.identity.flow_logs,
            STORAGE_BLOB_DATA_CONTRIBUTOR,
            account.id,
            self,
        )
        network.FlowLog(
            name,
            resource_group_name=args.watcher_group,
            network_watcher_name=args.watcher,
            location=args.location,
            target_resource_id=virtual_network.id,
            storage_id=account.id,
            enabled=True,
            format=network.FlowLogFormatParametersArgs(
                type=network.FlowLogFormatType.JSON, version=2
            ),
            retention_policy=network.RetentionPolicyParametersArgs(
                enabled=True, days=args.log_retention_days
            ),
            identity=network.ManagedServiceIdentityArgs(
                type=network.ResourceIdentityType.USER_ASSIGNED,
                user_assigned_identities=one_of(args.identity.flow_logs),
            ),
            tags=dict(args.tags),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[grant]),
        )
