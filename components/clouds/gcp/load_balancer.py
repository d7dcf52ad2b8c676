"""Annotations of the AMQPS service on Google Cloud: pure.

GKE's own controller makes a regional passthrough Network Load Balancer: TCP arrives untouched with
the client's address, and `loadBalancerSourceRanges` become a firewall rule. Backend services (not
the older target pools) check each node's health, and carry an established connection on until it
ends.
"""

from __future__ import annotations

import pulumi


def service_annotations(address: pulumi.Input[str] | None) -> dict[str, pulumi.Input[str]]:
    """A passthrough load balancer has no idle timeout; connection tracking keeps 10 minutes.

    Args:
        address: name of the address that the entry has; None for one of the Service's own
            (kubernetes/ingress-gce, pkg/address: `IPv4ToUse` reads the annotation first).
    """
    annotations: dict[str, pulumi.Input[str]] = {"cloud.google.com/l4-rbs": "enabled"}
    if address is not None:
        annotations["networking.gke.io/load-balancer-ip-addresses"] = address
    return annotations
