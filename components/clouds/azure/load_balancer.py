"""Annotations of the AMQPS service on Azure: pure.

AKS' own cloud controller makes a rule of the cluster's Standard load balancer, which passes TCP
through untouched with the client's address, and turns `loadBalancerSourceRanges` into network
security rules.
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

_PREFIX = "service.beta.kubernetes.io/azure"
IDLE_MINUTES = 30
"""Azure drops idle connections after 4 minutes unless told; heartbeats are far below."""


def service_annotations(
    tags: Mapping[str, str], address: tuple[pulumi.Input[str], pulumi.Input[str]] | None
) -> dict[str, pulumi.Input[str]]:
    """TCP pass-through, health seen within ten seconds, tags on the public address.

    Args:
        tags: of an address that AKS makes.
        address: resource group and name of the address that the entry has; None for one of the
            Service's own (cloud-provider-azure, pkg/consts: `ServiceAnnotationPIPNameDualStack`,
            `ServiceAnnotationLoadBalancerResourceGroup`).
    """
    if address is None:
        tagged = ",".join(f"{key}={value}" for key, value in sorted(tags.items()))
        entry: dict[str, pulumi.Input[str]] = {f"{_PREFIX}-pip-tags": tagged}
    else:
        entry = {
            f"{_PREFIX}-load-balancer-resource-group": address[0],
            f"{_PREFIX}-pip-name": address[1],
        }
    return {
        f"{_PREFIX}-load-balancer-tcp-idle-timeout": str(IDLE_MINUTES),
        f"{_PREFIX}-load-balancer-health-probe-interval": "5",
        f"{_PREFIX}-load-balancer-health-probe-num-of-probe": "2",
        **entry,
    }
