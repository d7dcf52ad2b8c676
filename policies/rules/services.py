"""What is reachable from outside: services of Kubernetes, firewalls of the clouds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.model import Resource, Rule
from policies.reading import EVERYWHERE, at, maps, texts, unknown, whole

PRIVATE_PORTS = {
    1883: "MQTT without TLS",
    4369: "the Erlang port mapper",
    5552: "streams without TLS",
    5672: "AMQP without TLS",
    15671: "management",
    15672: "management without TLS",
    15691: "metrics",
    15692: "metrics without TLS",
    25672: "node to node traffic",
    61613: "STOMP without TLS",
}
ENTRY = 5671


def _ports(resource: Resource, _: bool) -> Iterator[str]:
    if at(resource.inputs, "spec.type") not in {"LoadBalancer", "NodePort"}:
        return
    for port in maps(at(resource.inputs, "spec.ports")):
        for number in {whole(port.get("port")), whole(port.get("targetPort"))}:
            if number in PRIVATE_PORTS:
                yield f"port {number} ({PRIVATE_PORTS[number]}) leaves the cluster"
        if port.get("targetPort") in {"management", "amqp", "epmd", "distribution", "metrics"}:
            yield f"port {port.get('port')} leads to '{port['targetPort']}' from outside"


def _sources(resource: Resource, _: bool) -> Iterator[str]:
    if at(resource.inputs, "spec.type") != "LoadBalancer":
        return
    ranges = at(resource.inputs, "spec.loadBalancerSourceRanges")
    if unknown(ranges):
        return
    if not texts(ranges):
        yield "the load balancer names no allowed sources, which lets in the whole Internet"
    for item in texts(ranges):
        if item in EVERYWHERE:
            yield f"the load balancer lets in {item}"


def _only_entry(first: int | None, last: int | None) -> bool:
    return first == last == ENTRY


def _span(text: Any) -> tuple[int | None, int | None]:
    first, _, last = str(text).partition("-")
    return whole(first), whole(last or first)


def _aws_group(resource: Resource, _: bool) -> Iterator[str]:
    own = [resource.inputs] if "Rule" in resource.type else maps(resource.inputs.get("ingress"))
    if resource.type.endswith(":SecurityGroupRule") and resource.inputs.get("type") != "ingress":
        return
    for rule in own:
        sources: set[str] = set()
        for key in ("cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6"):
            sources |= set(texts(rule.get(key)))
        if sources & EVERYWHERE and not _only_entry(
            whole(rule.get("fromPort")), whole(rule.get("toPort"))
        ):
            yield f"ports {rule.get('fromPort')}-{rule.get('toPort')} are open to everybody"


def _azure_group(resource: Resource, _: bool) -> Iterator[str]:
    alone = resource.type.endswith(":SecurityRule")
    for rule in [resource.inputs] if alone else maps(resource.inputs.get("securityRules")):
        if rule.get("direction") != "Inbound" or rule.get("access") != "Allow":
            continue
        sources = {
            *texts(rule.get("sourceAddressPrefix")),
            *texts(rule.get("sourceAddressPrefixes")),
        }
        if not sources & EVERYWHERE:
            continue
        ports = texts(rule.get("destinationPortRange")) + texts(rule.get("destinationPortRanges"))
        for port in ports:
            if not _only_entry(*_span(port)):
                yield f"rule '{rule.get('name')}' opens port {port} to everybody"


def _gcp_firewall(resource: Resource, _: bool) -> Iterator[str]:
    if resource.inputs.get("direction", "INGRESS") != "INGRESS":
        return
    if not set(texts(resource.inputs.get("sourceRanges"))) & EVERYWHERE:
        return
    for allow in maps(resource.inputs.get("allows")):
        for port in texts(allow.get("ports")) or ["all"]:
            if not _only_entry(*_span(port)):
                yield f"{allow.get('protocol')} port {port} is open to everybody"


_CLOSE = "Let in named ranges only; AMQPS (5671) alone may be open, where the service filters."

RULES = (
    Rule(
        "port-not-public",
        "mandatory",
        "Only AMQPS leaves the cluster: not management, plain AMQP, metrics or node traffic.",
        "Reach management through the Kubernetes API, and clients by AMQPS (5671).",
        ("kubernetes:core/v1:Service",),
        _ports,
    ),
    Rule(
        "sources-named",
        "mandatory",
        "Load balancers name who is let in.",
        "Set broker.service.allowed_sources to the clients' ranges.",
        ("kubernetes:core/v1:Service",),
        _sources,
    ),
    Rule(
        "aws-security-group-closed",
        "mandatory",
        "Security groups open nothing but AMQPS to everybody.",
        _CLOSE,
        (
            "aws:ec2/securityGroup:SecurityGroup",
            "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
            "aws:ec2/securityGroupRule:SecurityGroupRule",
            "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        ),
        _aws_group,
    ),
    Rule(
        "azure-security-group-closed",
        "mandatory",
        "Network security groups open nothing but AMQPS to everybody.",
        _CLOSE,
        ("azure-native:network:NetworkSecurityGroup", "azure-native:network:SecurityRule"),
        _azure_group,
    ),
    Rule(
        "gcp-firewall-closed",
        "mandatory",
        "Firewalls open nothing but AMQPS to everybody.",
        _CLOSE,
        ("gcp:compute/firewall:Firewall",),
        _gcp_firewall,
    ),
)
