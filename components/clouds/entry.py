"""Whether the program makes the address of the AMQPS entry: pure.

The address of a load balancer is its Service's, and goes with it. One that the program makes stays when
the Service is made anew, and links, certificates, records and clients stay with it.
"""

from __future__ import annotations

from components.settings.broker import Service

INTERNAL = (
    "networking.gke.io/load-balancer-type",
    "cloud.google.com/load-balancer-type",
    "service.beta.kubernetes.io/azure-load-balancer-internal",
)
"""Annotations that ask for a load balancer without a public address."""


def has_own_address(service: Service) -> bool:
    """Whether the entry is a load balancer with a public address."""
    return service.type == "LoadBalancer" and not any(
        key in service.annotations for key in INTERNAL
    )
