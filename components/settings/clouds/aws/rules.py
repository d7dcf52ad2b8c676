"""What AWS refuses of a region's settings, told before it is asked: pure tables and sums."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence

from components.settings.clouds.aws.places import WITHOUT_CONTROL_PLANES, zones
from components.settings.region_base import Finding

RULES_QUOTA = 60
"""Inbound rules of a security group by default (VPC quotas, L-0EA8095F); an account may have more."""

OWN_RULES = 4
"""Rules of the nodes' group that are not sources': the group itself, and the load balancer's health
checks from three zones' subnets."""

RULES_A_RANGE = 2
"""Of each source range: the port itself, and ICMP 3:4 for path MTU discovery (cloud-provider-aws,
`updateInstanceSecurityGroupsForNLB`)."""

_MIB_A_SECOND_AN_IOPS = 0.25
_IOPS_A_GIB = {"gp3": 500, "io2": 1000}
_BASELINE_IOPS = 3000
"""EBS volume types, "General Purpose SSD" and "Provisioned IOPS SSD" (Block Express)."""


def source_ranges_that_fit(quota: int) -> int:
    """How many source ranges a load balancer may have under a quota of rules."""
    return max((quota - OWN_RULES) // RULES_A_RANGE, 0)


def rules_for(ranges: int) -> int:
    """Rules that the nodes' security group has with so many source ranges."""
    return OWN_RULES + RULES_A_RANGE * ranges


def zone_findings(region: str, chosen: Sequence[str]) -> Iterator[Finding]:
    """Zones that are no three zones of the region with EKS control planes."""
    prefix = zones(region)[0].rpartition("-az")[0]
    for number, zone in enumerate(chosen):
        here = f"zones[{number}]"
        if zone in chosen[:number]:
            yield here, f"{zone} stands in it twice, and three zones are wanted"
        elif zone in WITHOUT_CONTROL_PLANES:
            yield here, f"EKS has no control planes in {zone}; leave zones out, or write another"
        elif zone.startswith(region):
            yield (
                here,
                f"{zone} is a zone's name, which means other places in other accounts; write "
                f"identifiers such as {zones(region)[0]}",
            )
        elif not zone.startswith(f"{prefix}-az"):
            yield here, f"{zone} is not of {region}; its zones are called {prefix}-az<number>"


def volume_findings(
    kind: str, iops: int, throughput: int | None, size_gib: float
) -> Iterator[Finding]:
    """What EBS refuses of a volume: throughput for its IOPS, IOPS for its size."""
    most = int(_IOPS_A_GIB[kind] * size_gib)
    if iops > max(most, _BASELINE_IOPS if kind == "gp3" else 0):
        yield (
            "storage.iops",
            f"{kind} gives {_IOPS_A_GIB[kind]} IOPS a GiB, {most} for broker.storage of "
            f"{size_gib:g}Gi; write {most} or less, or a larger broker.storage",
        )
    if kind == "gp3" and throughput is not None and throughput > iops * _MIB_A_SECOND_AN_IOPS:
        yield (
            "storage.throughput",
            f"gp3 gives {_MIB_A_SECOND_AN_IOPS} MiB/s an IOPS; write {int(iops / 4)} or less, or "
            f"storage.iops: {throughput * 4}",
        )


_SERVICES = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


def service_findings(services: str) -> Iterator[Finding]:
    """EKS API, KubernetesNetworkConfigRequest.serviceIpv4Cidr: private, /24 to /12."""
    given = ipaddress.IPv4Network(services)
    if not any(given.subnet_of(ipaddress.IPv4Network(item)) for item in _SERVICES):
        yield "network.services", f"EKS takes ranges of {', '.join(_SERVICES)} only"
    elif not 12 <= given.prefixlen <= 24:
        yield "network.services", f"{services} is not between /12 and /24, which EKS takes"
