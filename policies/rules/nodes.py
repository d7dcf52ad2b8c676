"""Nodes: their metadata service, their boot, their addresses."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource, Rule
from policies.reading import at, maps, true

TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
INSTANCE = "aws:ec2/instance:Instance"
SUBNET = "aws:ec2/subnet:Subnet"
AGENT_POOL = "azure-native:containerservice:AgentPool"
NODE_POOL = "gcp:container/nodePool:NodePool"


def _metadata(resource: Resource, _: bool) -> Iterator[str]:
    if resource.type == NODE_POOL:
        if at(resource.inputs, "nodeConfig.workloadMetadataConfig.mode") != "GKE_METADATA":
            yield "pods can read the node's own credentials from its metadata service"
        return
    if at(resource.inputs, "metadataOptions.httpTokens") != "required":
        yield "the metadata service answers without a session token (IMDSv1)"


def _shielded(resource: Resource, _: bool) -> Iterator[str]:
    if resource.type == AGENT_POOL:
        for key in ("enableSecureBoot", "enableVTPM"):
            if not true(at(resource.inputs, f"securityProfile.{key}")):
                yield f"securityProfile.{key} is off"
        return
    for key in ("enableSecureBoot", "enableIntegrityMonitoring"):
        if not true(at(resource.inputs, f"nodeConfig.shieldedInstanceConfig.{key}")):
            yield f"shieldedInstanceConfig.{key} is off"


def _public(resource: Resource, _: bool) -> Iterator[str]:
    inputs = resource.inputs
    if resource.type == SUBNET:
        if true(inputs.get("mapPublicIpOnLaunch")):
            yield "machines in the subnet get public addresses"
    elif resource.type == AGENT_POOL:
        if true(inputs.get("enableNodePublicIP")):
            yield "the nodes get public addresses"
    elif resource.type == NODE_POOL:
        if not true(at(inputs, "networkConfig.enablePrivateNodes")):
            yield "the nodes get public addresses"
    elif any(
        true(item.get("associatePublicIpAddress")) for item in maps(inputs.get("networkInterfaces"))
    ):
        yield "the machines get public addresses"


RULES = (
    Rule(
        "metadata-guarded",
        "mandatory",
        "Pods can't take their node's credentials from its metadata service.",
        "AWS: metadataOptions.httpTokens required; GCP: workloadMetadataConfig GKE_METADATA.",
        (TEMPLATE, INSTANCE, NODE_POOL),
        _metadata,
    ),
    Rule(
        "nodes-shielded",
        "mandatory",
        "Nodes boot only what is signed.",
        "Turn on secure boot, and vTPM or integrity monitoring.",
        (AGENT_POOL, NODE_POOL),
        _shielded,
    ),
    Rule(
        "nodes-private",
        "mandatory",
        "Nodes have no public address.",
        "Leave public addresses to load balancers and NAT gateways.",
        (SUBNET, TEMPLATE, AGENT_POOL, NODE_POOL),
        _public,
    ),
)
