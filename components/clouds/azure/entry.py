"""`warren:clouds:AzureEntry`: the public address of a region's AMQPS entry.

It has a resource group of its own: AKS must be Network Contributor on the group of an address that it is
to use (AKS, "Use a static public IP address"), and shall not be on the region's network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import network, resources

from components.clouds.azure.identity import AzureIdentity
from components.clouds.azure.names import NETWORK_CONTRIBUTOR
from components.clouds.azure.network import ZONES


@dataclass(frozen=True)
class AzureEntryArgs:
    """Whose address it is.

    Attributes:
        location: of Azure.
        identity: the region's identities; the control plane's uses the address.
        protect: refuse to delete it.
        tags: of everything.
    """

    location: str
    identity: AzureIdentity
    protect: bool
    tags: Mapping[str, str]


class AzureEntry(pulumi.ComponentResource):
    """The address.

    Attributes:
        group: name of its resource group.
        address: its own name.
        ready: the right to use it.
    """

    group: pulumi.Output[str]
    address: pulumi.Output[str]
    ready: pulumi.Resource

    def __init__(
        self, name: str, args: AzureEntryArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:clouds:AzureEntry", name, None, opts)
        kept = pulumi.ResourceOptions(parent=self, protect=args.protect)
        group = resources.ResourceGroup(
            f"{name}-entry", location=args.location, tags=dict(args.tags), opts=kept
        )
        address = network.PublicIPAddress(
            f"{name}-entry",
            resource_group_name=group.name,
            sku=network.PublicIPAddressSkuArgs(
                name=network.PublicIPAddressSkuName.STANDARD,
                tier=network.PublicIPAddressSkuTier.REGIONAL,
            ),
            public_ip_allocation_method=network.IPAllocationMethod.STATIC,
            public_ip_address_version=network.IPVersion.I_PV4,
            zones=list(ZONES),
            tags=dict(args.tags),
            opts=kept,
        )
        self.group, self.address = group.name, address.name
        self.ready = args.identity.grant(
            f"{name}-entry", args.identity.cluster, NETWORK_CONTRIBUTOR, group.id, self
        )
        self.register_outputs({"address": address.ip_address})
