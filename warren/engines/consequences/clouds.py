"""Consequences of changed resources of the clouds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from warren.engines.consequences.model import Change, Consequence, access

_GONE = (
    (
        r":(Cluster|ManagedCluster)$",
        "The Kubernetes cluster goes, and every broker in it. Volumes stay as disks where their "
        "class says Retain, else messages are lost.",
        True,
    ),
    (
        r":(NodeGroup|NodePool|AgentPool)$",
        "Its nodes go, and the broker of its zone is down until there are others; volumes stay. Where "
        "this is said of every zone, the region stands still.",
        True,
    ),
    (
        r":(kms|keyvault).*:(Key|CryptoKey|KeyRing|Vault)$|:DiskEncryptionSet$",
        "What it encrypted, volumes among it, can't be read any more.",
        True,
    ),
    (r":(Zone|ManagedZone)$", "The stack's names end; a new zone has other name servers.", True),
    (
        r":(Eip|PublicIPAddress|Address)$",
        "This fixed address is given up: who lets it in elsewhere must let in another.",
        False,
    ),
    (r":ResourceGroup$", "Everything in the group goes with it.", True),
    (r":(LogGroup|Workspace|StorageAccount|Bucket)$", "The logs in it are lost.", True),
)
_NETWORKS = r":(Vpc|VirtualNetwork|Network|Subnet|Subnetwork)$"
_API_RANGES = (
    r"vpcConfig\.publicAccessCidrs|apiServerAccessProfile\.authorizedIPRanges"
    r"|masterAuthorizedNetworksConfig\.cidrBlocks"
)
_MACHINES = (":LaunchTemplate", ":NodePool")


def cloud(change: Change) -> Iterator[Consequence]:
    """The rule for every type of the clouds."""
    if change.gone:
        for pattern, text, loses in _GONE:
            if re.search(pattern, change.type):
                yield Consequence(text, loses)
                break
        if change.kind == "replaced" and re.search(_NETWORKS, change.type):
            yield Consequence(
                "What stands in this network, the cluster too, can't stay.", loses=True
            )
    elif change.kind == "changed":
        yield from access(change, _API_RANGES, "the Kubernetes API")
        if change.type.endswith(_MACHINES) and _more_than_labels(change):
            yield Consequence(
                "Its nodes are replaced one by one by such ones; a broker waits for its node, its "
                "volume is attached again."
            )


def _more_than_labels(change: Change) -> bool:
    return any(not re.match(r"tag|labels|nodeCount", item.path) for item in change.properties)
