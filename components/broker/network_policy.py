"""`warren:broker:NetworkPolicies`: who may talk to the brokers, and whom they may talk to.

Everything in the namespace is refused first; each rule below then names its reason. Addresses from
outside are matched only if the load balancer keeps the client's, so the AMQPS service must have
`externalTrafficPolicy: Local`. The kubelet's probes need no rule: Kubernetes always lets a node
reach its own pods.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes import meta, networking

from components.broker import names as ports

DNS_PORT = 53
NODE_LOCAL_DNS = "169.254.0.0/16"
METADATA = "169.254.169.254/32"
EVERYWHERE = "0.0.0.0/0"
API_PORTS = (443, 6443)

CLIENT_NAMESPACE = "warren/client"
METRICS_NAMESPACE = "warren/metrics"
"""A namespace with this label "true" may use AMQPS, or scrape metrics, from inside the cluster."""


@dataclass(frozen=True)
class NetworkPoliciesArgs:
    """What the rules are made from.

    Attributes:
        namespace: of the brokers.
        labels: of the policies; `app.kubernetes.io/name` and `component` select the brokers,
            `part-of` what else of ours runs in the namespace.
        allowed_sources: clients' ranges and the other regions' addresses, for AMQPS.
        pods: ranges of the cluster's own pods, left out of the allowed sources.
        upstreams: ranges that links dial; everywhere where an entry's address is not known or is a
            host name, since load balancers with one (AWS) change their addresses; empty without
            links. A link's certificate decides whom it trusts.
        upstream_ports: ports of the other regions' entries.
        ingress_namespace: where the ingress controller of the management page runs; None without.
        kubernetes_api: whether brokers look up peers there (before RabbitMQ 4.1).
    """

    namespace: str
    labels: Mapping[str, str]
    allowed_sources: Sequence[pulumi.Input[str]]
    pods: Sequence[str] = ()
    upstreams: Sequence[pulumi.Input[str]] = (EVERYWHERE,)
    upstream_ports: Sequence[int] = (ports.AMQPS_PORT,)
    ingress_namespace: str | None = None
    kubernetes_api: bool = False
    selector_keys: Sequence[str] = field(
        default=("app.kubernetes.io/name", "app.kubernetes.io/component")
    )


class NetworkPolicies(pulumi.ComponentResource):
    """Default deny, the brokers' rules, and the rules of our own tools beside them."""

    def __init__(
        self, name: str, args: NetworkPoliciesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:broker:NetworkPolicies", name, None, opts)
        for suffix, spec in (
            ("default-deny", default_deny()),
            ("brokers", broker_rules(args)),
            ("tools", tool_rules(args)),
        ):
            networking.v1.NetworkPolicy(
                f"{name}-{suffix}",
                metadata=meta.v1.ObjectMetaArgs(
                    name=f"rabbitmq-{suffix}", namespace=args.namespace, labels=dict(args.labels)
                ),
                spec=spec,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})


def default_deny() -> networking.v1.NetworkPolicySpecArgs:
    """Nothing in, nothing out, for every pod of the namespace."""
    return networking.v1.NetworkPolicySpecArgs(
        pod_selector=meta.v1.LabelSelectorArgs(), policy_types=["Ingress", "Egress"]
    )


def broker_rules(args: NetworkPoliciesArgs) -> networking.v1.NetworkPolicySpecArgs:
    """What brokers take and give."""
    brokers = _pods(_brokers(args))
    between = _ports(ports.EPMD_PORT, ports.DISTRIBUTION_PORT, ports.CLI_PORTS, ports.STREAM_PORTS)
    ingress = [
        _from([brokers], between),
        _from(
            [
                *_blocks(args.allowed_sources, without=args.pods),
                _namespaces({CLIENT_NAMESPACE: "true"}),
            ],
            _ports(ports.AMQPS_PORT),
        ),
        _from(
            [_pods(_ours(args))],
            _ports(ports.AMQPS_PORT, ports.MANAGEMENT_PORT, ports.METRICS_PORT),
        ),
        _from([_namespaces({METRICS_NAMESPACE: "true"})], _ports(ports.METRICS_PORT)),
    ]
    if args.ingress_namespace is not None:
        controller = _namespaces({"kubernetes.io/metadata.name": args.ingress_namespace})
        ingress.append(_from([controller], _ports(ports.MANAGEMENT_PORT)))
    egress = [
        _to([brokers], between),
        _dns(),
    ]
    if args.upstreams:
        egress.append(
            _to(_blocks(args.upstreams, without=[METADATA]), _ports(*args.upstream_ports))
        )
    if args.kubernetes_api:
        egress.append(_to(_blocks([EVERYWHERE], without=[METADATA]), _ports(*API_PORTS)))
    return networking.v1.NetworkPolicySpecArgs(
        pod_selector=meta.v1.LabelSelectorArgs(match_labels=_brokers(args)),
        policy_types=["Ingress", "Egress"],
        ingress=ingress,
        egress=egress,
    )


def tool_rules(args: NetworkPoliciesArgs) -> networking.v1.NetworkPolicySpecArgs:
    """Our own pods beside the brokers (topology, backup, monitoring) reach the brokers and DNS."""
    return networking.v1.NetworkPolicySpecArgs(
        pod_selector=meta.v1.LabelSelectorArgs(
            match_labels=_ours(args),
            match_expressions=[
                meta.v1.LabelSelectorRequirementArgs(
                    key="app.kubernetes.io/component", operator="NotIn", values=["broker"]
                )
            ],
        ),
        policy_types=["Egress"],
        egress=[
            _to(
                [_pods(_brokers(args))],
                _ports(ports.AMQPS_PORT, ports.MANAGEMENT_PORT, ports.METRICS_PORT),
            ),
            _dns(),
        ],
    )


def _brokers(args: NetworkPoliciesArgs) -> dict[str, str]:
    return {key: args.labels[key] for key in args.selector_keys}


def _ours(args: NetworkPoliciesArgs) -> dict[str, str]:
    return {"app.kubernetes.io/part-of": args.labels["app.kubernetes.io/part-of"]}


def _pods(labels: Mapping[str, str]) -> networking.v1.NetworkPolicyPeerArgs:
    return networking.v1.NetworkPolicyPeerArgs(
        pod_selector=meta.v1.LabelSelectorArgs(match_labels=dict(labels))
    )


def _namespaces(labels: Mapping[str, str]) -> networking.v1.NetworkPolicyPeerArgs:
    return networking.v1.NetworkPolicyPeerArgs(
        namespace_selector=meta.v1.LabelSelectorArgs(match_labels=dict(labels))
    )


def _blocks(
    ranges: Sequence[pulumi.Input[str]], *, without: Sequence[str] = ()
) -> list[networking.v1.NetworkPolicyPeerArgs]:
    return [
        networking.v1.NetworkPolicyPeerArgs(
            ip_block=networking.v1.IPBlockArgs(cidr=cidr, except_=_within(cidr, without) or None)
        )
        for cidr in ranges
    ]


def _within(cidr: pulumi.Input[str], ranges: Sequence[str]) -> list[str]:
    """Those that lie in the range: Kubernetes takes no other as exceptions. An address that is known
    only after `up` is one machine's, and holds none."""
    if not isinstance(cidr, str):
        return []
    outer = ipaddress.ip_network(cidr)
    return [
        item
        for item in ranges
        if (inner := ipaddress.ip_network(item)).version == outer.version
        and inner.prefixlen > outer.prefixlen
        and inner.network_address in outer
    ]


def _ports(*numbers: int | tuple[int, int]) -> list[networking.v1.NetworkPolicyPortArgs]:
    return [
        networking.v1.NetworkPolicyPortArgs(
            protocol="TCP",
            port=number if isinstance(number, int) else number[0],
            end_port=None if isinstance(number, int) else number[1],
        )
        for number in numbers
    ]


def _dns() -> networking.v1.NetworkPolicyEgressRuleArgs:
    return _to(
        [
            _namespaces({"kubernetes.io/metadata.name": "kube-system"}),
            *_blocks([NODE_LOCAL_DNS]),
        ],
        [
            networking.v1.NetworkPolicyPortArgs(protocol=protocol, port=DNS_PORT)
            for protocol in ("UDP", "TCP")
        ],
    )


def _from(
    peers: list[networking.v1.NetworkPolicyPeerArgs],
    allowed: list[networking.v1.NetworkPolicyPortArgs],
) -> networking.v1.NetworkPolicyIngressRuleArgs:
    return networking.v1.NetworkPolicyIngressRuleArgs(from_=peers, ports=allowed)


def _to(
    peers: list[networking.v1.NetworkPolicyPeerArgs],
    allowed: list[networking.v1.NetworkPolicyPortArgs],
) -> networking.v1.NetworkPolicyEgressRuleArgs:
    return networking.v1.NetworkPolicyEgressRuleArgs(to=peers, ports=allowed)
