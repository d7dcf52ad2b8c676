"""Consequences of changed resources of the clouds."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from components.settings.clouds import registry
from components.settings.clouds.registry import Holds
from warren.comparison.consequences.access import Ranges, access, at
from warren.comparison.consequences.model import Change, Consequence

_HELD: Mapping[Holds, str] = {
    "cluster": "The Kubernetes cluster goes, and every broker in it. Volumes stay as disks where "
    "their class says Retain, else messages are lost.",
    "key": "What it encrypted, volumes among it, can't be read any more.",
    "names": "The stack's names end; a new zone has other name servers.",
    "group": "Everything in the group goes with it.",
}
"""What is lost with what a cloud says that it holds."""

_GONE = (
    (
        r":(NodeGroup|NodePool|AgentPool)$",
        "Its nodes go, and the broker of its zone is down until there are others; volumes stay. Where "
        "this is said of every zone, the region stands still.",
        True,
    ),
    (
        r":(Eip|PublicIPAddress|Address)$",
        "This fixed address is given up: who lets it in elsewhere must let in another.",
        False,
    ),
    (r":(LogGroup|Workspace|StorageAccount|Bucket)$", "The logs in it are lost.", True),
)
_NETWORKS = r":(Vpc|VirtualNetwork|Network|Subnet|Subnetwork)$"
_RECORDS = r":(Record|RecordSet|Profile|Endpoint)$"
_RANGES = r"addressSpace\.addressPrefixes|addressPrefix(es)?$|ipCidrRange$|secondaryIpRanges"
_MACHINES = (":LaunchTemplate", ":NodePool")


def cloud(change: Change) -> Iterator[Consequence]:
    """The rule for every type of the clouds."""
    yield from _names(change)
    if change.gone:
        held = registry.holding().get(change.type)
        if held is not None and held in _HELD:
            yield Consequence(_HELD[held], loses=True)
        for pattern, text, loses in _GONE:
            if re.search(pattern, change.type):
                yield Consequence(text, loses)
                break
        if change.kind == "replaced" and re.search(_NETWORKS, change.type):
            yield Consequence(
                "What stands in this network, the cluster too, can't stay.", loses=True
            )
    elif change.kind == "changed":
        if ranges := _API_RANGES.get(change.type.rpartition(":")[2]):
            yield from access(change, ranges, "the Kubernetes API")
        yield from _range_in_place(change)
        yield from _older(change)
        for item in change.touches(r"deletionProtection"):
            if item.old is True:
                yield Consequence("The cloud's own protection from deletion ends.", loses=True)
        if change.type.endswith(_MACHINES) and _more_than_labels(change):
            yield Consequence(
                "Its nodes are replaced one by one by such ones; a broker waits for its node, its "
                "volume is attached again."
            )


def _names(change: Change) -> Iterator[Consequence]:
    """A public name that goes, or becomes another one."""
    if not re.search(_RECORDS, change.type) or not change.gone:
        return
    old, new = (_name(side) for side in (change.old, change.new))
    if not old or old == new:
        return
    now = f"becomes {new}" if new else "goes"
    yield Consequence(
        f"The name {old} {now}: clients that connect by it find nothing, once resolvers have forgotten "
        "it.",
        loses=True,
    )


def _name(inputs: Mapping[str, Any]) -> str:
    keys = ("name", "relativeRecordSetName", "relativeName")
    own = next((inputs[key] for key in keys if isinstance(inputs.get(key), str)), None)
    return str(own or (inputs.get("dnsConfig") or {}).get("relativeName") or "")


def _range_in_place(change: Change) -> Iterator[Consequence]:
    """A network's range that is taken away under what stands in it.

    Azure refuses to remove a prefix that a subnet uses, or a subnet's that machines use
    (InUsePrefixCannotBeDeleted, "Add, change, or delete a virtual network subnet"); Google only
    widens a subnetwork's range.
    """
    if not re.search(_NETWORKS, change.type):
        return
    taken = [
        f"{item.old} -> {item.new or 'none'}"
        for item in change.touches(_RANGES)
        if isinstance(item.old, str) and not _within(item.old, item.new)
    ]
    if taken:
        yield Consequence(
            f"A network's range can't be changed under what stands in it ({', '.join(taken)}): the cloud "
            "refuses, and `up` stops half way. Take a new region with the new range, link it, and move.",
            loses=True,
        )


def _within(old: str, new: object) -> bool:
    """Whether the old range is part of the new one."""
    try:
        before, after = ipaddress.ip_network(old), ipaddress.ip_network(str(new))
    except ValueError:
        return False
    if isinstance(before, ipaddress.IPv4Network) and isinstance(after, ipaddress.IPv4Network):
        return before.subnet_of(after)
    return False


_VERSIONS = r"version$|kubernetesVersion$|orchestratorVersion$|minMasterVersion$"


def _older(change: Change) -> Iterator[Consequence]:
    """Kubernetes' own version goes forward only, on every cloud."""
    if not re.search(r":(Cluster|ManagedCluster|NodeGroup|AgentPool|NodePool)$", change.type):
        return
    for item in change.touches(_VERSIONS):
        was, now = (
            [int(x) for x in re.findall(r"\d+", str(side))[:2]] for side in (item.old, item.new)
        )
        if len(was) == len(now) == 2 and now < was:
            yield Consequence(
                f"Kubernetes goes back, {item.old} -> {item.new}: no cloud does that in place, and `up` "
                "is refused.",
                loses=True,
            )
        elif len(was) == len(now) == 2 and now[1] > was[1] + 1:
            yield Consequence(
                f"Kubernetes skips a release, {item.old} -> {item.new}: the clouds go one at a time.",
                loses=True,
            )


def _of_aws(inputs: Mapping[str, Any]) -> Iterable[Any] | None:
    """AWS lets everybody in where a public endpoint names nobody."""
    if not (inputs.get("vpcConfig") or {}).get("endpointPublicAccess"):
        return []
    return at("vpcConfig.publicAccessCidrs")(inputs)


def _of_azure(inputs: Mapping[str, Any]) -> list[Any] | None:
    profile = inputs.get("apiServerAccessProfile") or {}
    if profile.get("enablePrivateCluster"):
        return []
    return profile.get("authorizedIPRanges") or None


def _of_google(inputs: Mapping[str, Any]) -> list[Any] | None:
    found = (inputs.get("masterAuthorizedNetworksConfig") or {}).get("cidrBlocks")
    return None if found is None else [item.get("cidrBlock") for item in found]


def _of_cluster(inputs: Mapping[str, Any]) -> Iterable[Any] | None:
    return _of_aws(inputs) if "vpcConfig" in inputs else _of_google(inputs)


_API_RANGES: Mapping[str, Ranges] = {"Cluster": _of_cluster, "ManagedCluster": _of_azure}


def _more_than_labels(change: Change) -> bool:
    return any(not re.match(r"tag|labels|nodeCount", item.path) for item in change.properties)
