"""Names and addresses of one lab, derived from where its state is kept.

Two clones on one machine have two labs, which share nothing: every name that the kernel or the file
system knows carries the lab's identity.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MOST_REGIONS = 8
"""Regions of one lab; the address plan has room for these."""


@dataclass(frozen=True)
class Place:
    """A region's place in the lab: names and addresses.

    Attributes:
        region: its name.
        index: its number, from 0.
        lab: identity of the lab.
        wan: the network that joins the regions; the host has its first address.
    """

    region: str
    index: int
    lab: str
    wan: ipaddress.IPv4Network

    @property
    def key(self) -> str:
        """Name of the network namespace and of the cgroup."""
        return f"warren-{self.lab}-{self.region}"

    @property
    def node_ip(self) -> str:
        """The node's, the API server's and, for the other regions, the pods' address."""
        return str(self.wan[10 + self.index])

    @property
    def pool(self) -> str:
        """Addresses of LoadBalancer services."""
        return f"{self.wan[64 + 16 * self.index]}/28"

    @property
    def service_network(self) -> str:
        """ClusterIPs. Seen only inside the namespace, so labs may share it."""
        return f"10.{96 + self.index}.0.0/16"

    @property
    def pod_network(self) -> str:
        """Pods, likewise."""
        return f"10.244.{self.index}.0/24"

    @property
    def api_service_ip(self) -> str:
        """The first ClusterIP, which is the API server's."""
        return f"10.{96 + self.index}.0.1"

    @property
    def dns_ip(self) -> str:
        """ClusterIP of the cluster DNS."""
        return f"10.{96 + self.index}.0.10"

    @property
    def gateway(self) -> str:
        """The host's address on the bridge."""
        return str(self.wan[1])

    @property
    def hardware_address(self) -> str:
        """The same each time that the region starts, or its neighbours would go on sending to the
        device that died with it until their ARP entries expire."""
        lab = ":".join(self.lab[at : at + 2] for at in (0, 2, 4))
        return f"02:57:{lab}:{self.index:02x}"

    @property
    def region_device(self) -> str:
        """TAP device of the region's end of the cable, before it is moved and called wan0."""
        return f"w{self.lab}r{self.index}"

    @property
    def bridge_device(self) -> str:
        """TAP device of the bridge's end of the cable."""
        return f"w{self.lab}b{self.index}"


def lab_identity(state: Path) -> str:
    """Six hexadecimal digits for a state directory; short, since interface names are."""
    return hashlib.sha256(str(state.resolve()).encode()).hexdigest()[:6]


def bridge_name(lab: str) -> str:
    """The bridge between the regions."""
    return f"w{lab}br"


def free_wan(taken: Sequence[str]) -> ipaddress.IPv4Network:
    """The first of 10.200.0.0/24 ... 10.200.255.0/24 that overlaps none of the networks in use.

    Raises:
        LookupError: all are in use.
    """
    used = [ipaddress.ip_network(item, strict=False) for item in taken]
    for candidate in ipaddress.ip_network("10.200.0.0/16").subnets(new_prefix=24):
        if not any(candidate.overlaps(other) for other in used if other.version == 4):
            return ipaddress.IPv4Network(candidate)
    raise LookupError("every network from 10.200.0.0/24 to 10.200.255.0/24 is in use")
