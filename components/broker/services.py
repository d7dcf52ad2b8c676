"""The brokers' services: node names, in-cluster clients, and the AMQPS entry from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_kubernetes import core, meta

from components.broker import names as paths
from components.broker.names import BrokerNames
from components.settings.broker import Broker

_NODE_PORTS = {
    "epmd": paths.EPMD_PORT,
    "distribution": paths.DISTRIBUTION_PORT,
    "amqps": paths.AMQPS_PORT,
    "management": paths.MANAGEMENT_PORT,
    "metrics": paths.METRICS_PORT,
}
_CLIENT_PORTS = {
    "amqps": paths.AMQPS_PORT,
    "management": paths.MANAGEMENT_PORT,
    "metrics": paths.METRICS_PORT,
}


def _ports(ports: Mapping[str, int]) -> list[core.v1.ServicePortArgs]:
    return [
        core.v1.ServicePortArgs(name=name, port=port, target_port=name)
        for name, port in ports.items()
    ]


def nodes_service(
    name: str, names: BrokerNames, labels: Mapping[str, str], opts: pulumi.ResourceOptions
) -> core.v1.Service:
    """The headless service. It publishes nodes that are not ready: they must meet to become so."""
    return core.v1.Service(
        f"{name}-nodes",
        metadata=meta.v1.ObjectMetaArgs(
            name=names.nodes_service,
            namespace=names.namespace,
            labels=dict(labels),
            annotations={"pulumi.com/skipAwait": "true"},
        ),
        spec=core.v1.ServiceSpecArgs(
            cluster_ip="None",
            publish_not_ready_addresses=True,
            selector=dict(labels),
            ports=_ports(_NODE_PORTS),
        ),
        opts=opts,
    )


def client_service(
    name: str, names: BrokerNames, labels: Mapping[str, str], opts: pulumi.ResourceOptions
) -> core.v1.Service:
    """For clients in the cluster, for the topology job and for Prometheus."""
    return core.v1.Service(
        f"{name}-client",
        metadata=meta.v1.ObjectMetaArgs(
            name=names.client_service,
            namespace=names.namespace,
            labels=dict(labels),
            annotations={"pulumi.com/skipAwait": "true"},
        ),
        spec=core.v1.ServiceSpecArgs(selector=dict(labels), ports=_ports(_CLIENT_PORTS)),
        opts=opts,
    )


def entry_service(
    name: str,
    broker: Broker,
    names: BrokerNames,
    labels: Mapping[str, str],
    annotations: Mapping[str, pulumi.Input[str]],
    allowed_sources: Sequence[pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
) -> core.v1.Service:
    """AMQPS from outside the cluster, and nothing else: management and metrics stay inside.

    TLS ends at the broker, never at the load balancer, or a link's certificate would not arrive.
    """
    balanced = broker.service.type == "LoadBalancer"
    return core.v1.Service(
        f"{name}-amqps",
        metadata=meta.v1.ObjectMetaArgs(
            name=names.entry_service,
            namespace=names.namespace,
            labels=dict(labels),
            annotations={**annotations, **broker.service.annotations},
        ),
        spec=core.v1.ServiceSpecArgs(
            type=broker.service.type,
            # Without it nodes rewrite clients' addresses, and no rule on addresses would match.
            external_traffic_policy=(
                None
                if broker.service.type == "ClusterIP"
                else broker.service.external_traffic_policy
            ),
            selector=dict(labels),
            ports=[
                core.v1.ServicePortArgs(
                    name="amqps",
                    port=paths.AMQPS_PORT,
                    target_port="amqps",
                    node_port=broker.service.node_port,
                )
            ],
            load_balancer_source_ranges=list(allowed_sources) if balanced else None,
        ),
        opts=opts,
    )


def entry_host(service: core.v1.Service, fallback: str) -> pulumi.Output[str]:
    """The address that the load balancer got: an IP, or a host name (AWS)."""

    def pick(status: core.v1.outputs.ServiceStatus | None) -> str:
        balancer = status.load_balancer if status else None
        ingress = (balancer.ingress or []) if balancer else []
        for item in ingress:
            address = item.ip or item.hostname
            if address:
                return address
        return fallback

    return service.status.apply(pick)
