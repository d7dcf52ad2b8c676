"""Address plans: pure arithmetic from a region's block to the ranges of its parts.

A region's layout is part of its deployed state: changing this arithmetic would replace every
subnet, so a test holds the ranges of known blocks by value.

    zonal (AWS, Azure)                       regional (Google Cloud)
    |  zone 1  |  zone 2  |  zone 3  |r|     |     pods     | services, spare | nodes, spare |c|
    0         1/4        1/2        3/4      0             1/2               3/4

r: three small public ranges, and room that is kept free. c: the control plane's /28, the last one.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

ZONES = 3


@dataclass(frozen=True)
class ZonalPlan:
    """Ranges of a network whose subnets belong to zones.

    Attributes:
        private: nodes (and pods, on AWS) of each zone; a quarter of the block each.
        public: NAT gateways and load balancers of each zone; a 32nd of the block each.
    """

    private: tuple[str, str, str]
    public: tuple[str, str, str]


@dataclass(frozen=True)
class RegionalPlan:
    """Ranges of a network whose one subnet spans the region's zones.

    Attributes:
        nodes: the subnet's primary range; an eighth of the block.
        pods: its secondary range for pods; half of the block.
        services: its secondary range for services; a 16th of the block.
        control_plane: a /28 for the private endpoint of the control plane.
    """

    nodes: str
    pods: str
    services: str
    control_plane: str


def zonal_plan(block: str) -> ZonalPlan:
    """The plan of `block`, an IPv4 range of /16 to /20."""
    one, two, three, rest = _network(block).subnets(prefixlen_diff=2)
    first, second, third, *_ = rest.subnets(prefixlen_diff=3)
    return ZonalPlan(
        private=(str(one), str(two), str(three)), public=(str(first), str(second), str(third))
    )


def regional_plan(block: str) -> RegionalPlan:
    """The plan of `block`, an IPv4 range of /16 to /20."""
    pods, rest = _network(block).subnets(prefixlen_diff=1)
    third, last = rest.subnets(prefixlen_diff=1)
    services, *_ = third.subnets(prefixlen_diff=2)
    nodes, _ = last.subnets(prefixlen_diff=1)
    *_, control_plane = last.subnets(new_prefix=28)
    return RegionalPlan(
        nodes=str(nodes), pods=str(pods), services=str(services), control_plane=str(control_plane)
    )


def host(cidr: str, number: int) -> str:
    """The address `number` places into a range: host("172.20.0.0/16", 10) is 172.20.0.10."""
    return str(_network(cidr)[number])


def _network(block: str) -> ipaddress.IPv4Network:
    return ipaddress.IPv4Network(block)
