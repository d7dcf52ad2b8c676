"""Annotations of the AMQPS service on AWS: pure.

A Network Load Balancer by the cloud controller that EKS itself runs. The AWS Load Balancer
Controller offers more, but is a chart with a webhook and rights of its own that would have to be
alive in a disaster; EKS Auto Mode's balancer comes only with Auto Mode's nodes. What AMQPS needs,
the built-in controller has: TCP pass-through, the client's address, and
`loadBalancerSourceRanges`, which it turns into rules of the nodes' security group.
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

_PREFIX = "service.beta.kubernetes.io/aws-load-balancer"


def service_annotations(tags: Mapping[str, str]) -> dict[str, pulumi.Input[str]]:
    """TCP pass-through; a connection may be idle for 350 s, so heartbeats of 60 s keep it open.

    Traffic crosses zones: each region has few brokers, and clients hold their connections for
    long, so that without it one zone's broker could get all of them.
    """
    return {
        f"{_PREFIX}-type": "nlb",
        f"{_PREFIX}-cross-zone-load-balancing-enabled": "true",
        f"{_PREFIX}-healthcheck-interval": "10",
        f"{_PREFIX}-healthcheck-healthy-threshold": "2",
        f"{_PREFIX}-healthcheck-unhealthy-threshold": "2",
        f"{_PREFIX}-additional-resource-tags": ",".join(
            f"{key}={value}" for key, value in sorted(tags.items())
        ),
    }
