"""Annotations of the AMQPS service on Azure: pure.

AKS' own cloud controller makes a rule of the cluster's Standard load balancer, which passes TCP
through untouched with the client's address, and turns `loadBalancerSourceRanges` into network
security rules.
"""

from __future__ import annotations

from collections.abc import Mapping

_PREFIX = "service.beta.kubernetes.io/azure"
IDLE_MINUTES = 30
"""Azure drops idle connections after 4 minutes unless told; heartbeats are far below."""


def service_annotations(tags: Mapping[str, str]) -> dict[str, str]:
    """TCP pass-through, health seen within ten seconds, tags on the public address."""
    return {
        f"{_PREFIX}-load-balancer-tcp-idle-timeout": str(IDLE_MINUTES),
        f"{_PREFIX}-load-balancer-health-probe-interval": "5",
        f"{_PREFIX}-load-balancer-health-probe-num-of-probe": "2",
        f"{_PREFIX}-pip-tags": ",".join(f"{key}={value}" for key, value in sorted(tags.items())),
    }
