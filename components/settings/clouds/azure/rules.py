"""What Azure refuses of a region's settings, told before it is asked: pure tables."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping

from components.settings.clouds.azure.machines import machine
from components.settings.region_base import Finding

RESERVED_RANGES = ("169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24")
"""No network, service or pod range of AKS may meet these (AKS, "Configure Azure CNI networking")."""

SYSTEM_CORES = 4
"""Least vCPUs of a system node pool (AKS, "Use system node pools")."""

LOG_DAYS = (30, 730)
"""Interactive retention of a Log Analytics workspace, least and most."""


def range_findings(ranges: Mapping[str, str]) -> Iterator[Finding]:
    """Ranges, by their key, that AKS keeps for itself."""
    for key, given in ranges.items():
        for kept in RESERVED_RANGES:
            if ipaddress.IPv4Network(given).overlaps(ipaddress.IPv4Network(kept)):
                yield key, f"AKS keeps {kept} for itself; choose a range that does not meet it"


def service_findings(services: str) -> Iterator[Finding]:
    """Room for the cluster's DNS at .10, and smaller than /12, as AKS wants it."""
    if not 12 < ipaddress.IPv4Network(services).prefixlen <= 27:
        yield "network.services", f"{services} is not between /13 and /27, which AKS takes"


def machine_findings(key: str, name: str, *, sku: str | None = None) -> Iterator[Finding]:
    """Arm sizes with Trusted Launch, which every pool has (AKS, "Trusted Launch", limitations), and
    sizes that take no disks of the brokers' kind."""
    found = machine(name)
    if found is None:
        return
    if found.arm:
        yield (
            key,
            f"{name} has an Arm processor, for which AKS has no Trusted Launch (secure boot), and "
            "every pool has it; write a size without 'p' such as Standard_D4s_v5",
        )
    elif sku is not None and sku.startswith("Premium") and not found.premium:
        yield (
            key,
            f"{name} takes no Premium disks, and storage.sku is {sku}; write {with_premium(name)}",
        )


def with_premium(name: str) -> str:
    """The size that differs from `name` in taking Premium disks."""
    head, mark, version = name.partition("_v")
    return f"{head}s{mark}{version}"


def system_findings(name: str) -> Iterator[Finding]:
    """The system node carries AKS' own pods."""
    yield from machine_findings("nodes.system_machine_type", name)
    found = machine(name)
    if found is not None and found.cores is not None and found.cores < SYSTEM_CORES:
        yield (
            "nodes.system_machine_type",
            f"{name} has {found.cores} vCPUs, and AKS asks for {SYSTEM_CORES} at least; write for "
            "example Standard_D4s_v5",
        )


def log_findings(days: int) -> Iterator[Finding]:
    """What a workspace keeps."""
    least, most = LOG_DAYS
    if not least <= days <= most:
        nearest = least if days < least else 545
        yield (
            "log_retention_days",
            f"a Log Analytics workspace keeps {least} to {most} days; write {nearest}",
        )
