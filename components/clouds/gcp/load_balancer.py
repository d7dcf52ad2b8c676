"""Annotations of the AMQPS service on Google Cloud: pure.

GKE's own controller makes a regional passthrough Network Load Balancer: TCP arrives untouched with
the client's address, and `loadBalancerSourceRanges` become a firewall rule. Backend services (not
the older target pools) check each node's health, and carry an established connection on until it
ends.
"""

from __future__ import annotations


def service_annotations() -> dict[str, str]:
    """A passthrough load balancer has no idle timeout; connection tracking keeps 10 minutes."""
    return {"cloud.google.com/l4-rbs": "enabled"}
