"""Whether a region's nodes can carry its brokers at all: told from the settings, before anything
is made."""

from __future__ import annotations

import re
from collections.abc import Mapping

from components.settings.clouds import AwsRegion, AzureRegion, GcpRegion
from components.settings.region_base import RegionBase
from components.settings.values import quantity

ZONES = 3

_AWS_GIB = {"c": 2.0, "m": 4.0, "r": 8.0}
_AWS_CORES = {"large": 2, "xlarge": 4}
_AZURE_GIB = {"D": 4.0, "E": 8.0, "F": 2.0, "L": 8.0}
_GCP_GIB = {"standard": 4.0, "highmem": 8.0, "highcpu": 1.0}

RESERVED = 0.8
"""Share of a small node that the kubelet and the cloud's own pods leave to brokers."""


def capacity(machine_type: str) -> tuple[int, float] | None:
    """Cores and GiB of a machine type, from its name; None where the name does not tell."""
    if match := re.match(r"^([cmr])\d[a-z-]*\.(\d*)(x?large)$", machine_type):
        cores = int(match[2]) * 4 if match[2] else _AWS_CORES[match[3]]
        return cores, cores * _AWS_GIB[match[1]]
    if match := re.match(r"^Standard_([DEFL])(\d+)(?:-\d+)?([a-z]*)_v\d$", machine_type):
        share = _AZURE_GIB[match[1]] / (2 if "l" in match[3] and match[1] == "D" else 1)
        return int(match[2]), int(match[2]) * share
    if match := re.match(r"^[a-z]\d[a-z]?-(standard|highmem|highcpu)-(\d+)", machine_type):
        return int(match[2]), int(match[2]) * _GCP_GIB[match[1]]
    return None


def misfit(regions: Mapping[str, RegionBase]) -> str | None:
    """The first region whose nodes can't carry its brokers, as a sentence, or None."""
    for name, region in regions.items():
        if not isinstance(region, AwsRegion | AzureRegion | GcpRegion):
            continue
        nodes, broker = region.nodes, region.broker
        here = f"regions.{name}.nodes"
        if broker.placement.host == "required" and broker.replicas > ZONES * nodes.per_zone:
            needed = -(-broker.replicas // ZONES)
            return (
                f"{here}.per_zone: {broker.replicas} brokers want a node each, and there are "
                f"{ZONES * nodes.per_zone}; write {needed}"
            )
        size = capacity(nodes.machine_type)
        if size is None:
            continue
        cores, gib = size
        if quantity(broker.resources.memory) > RESERVED * gib * 2**30:
            return (
                f"{here}.machine_type: {nodes.machine_type} has {gib:g} GiB, of which a broker "
                "can have "
                f"{RESERVED * gib:g}; it asks for {broker.resources.memory}"
            )
        if quantity(broker.resources.cpu_request) > RESERVED * cores:
            return (
                f"{here}.machine_type: {nodes.machine_type} has {cores} cores, of which a "
                "broker can "
                f"have {RESERVED * cores:g}; it asks for {broker.resources.cpu_request}"
            )
    return None
