"""What every component needs to know about where it stands: project, stack, and how to name things."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Context:
    """Identity of a stack, handed down to every component.

    Attributes:
        project: the Pulumi project, "warren".
        stack: the environment.
        domain: regions are `<region>.<domain>`.
        namespace: Kubernetes namespace of the brokers.
        record: the global name is `<record>.<domain>`.
    """

    project: str
    stack: str
    domain: str
    namespace: str
    record: str = "amqp"

    @property
    def global_name(self) -> str:
        """The name that follows the primary; every server's certificate carries it, also where
        another DNS serves the names."""
        return f"{self.record}.{self.domain}"

    def labels(self, component: str, region: str) -> dict[str, str]:
        """Kubernetes' recommended labels for an object of `component` in `region`."""
        return {
            "app.kubernetes.io/name": "rabbitmq",
            "app.kubernetes.io/component": component,
            "app.kubernetes.io/instance": self.cluster_name(region),
            "app.kubernetes.io/part-of": self.project,
            "app.kubernetes.io/managed-by": "pulumi",
        }

    def tags(self, region: str) -> dict[str, str]:
        """Tags (labels) of cloud resources; lower-case, so that every cloud takes them."""
        return {"project": self.project, "stack": self.stack, "region": region}

    def cluster_name(self, region: str) -> str:
        """RabbitMQ's cluster_name: federation tells regions apart by it, so it is never shared."""
        return f"{self.project}-{self.stack}-{region}"

    def host(self, region: str) -> str:
        """The region's DNS name, which its certificates carry."""
        return f"{region}.{self.domain}"

    def physical(self, name: str, limit: int) -> str:
        """A name within a provider's limit: cut, and made unique again by a hash of the whole."""
        full = f"{self.project}-{self.stack}-{name}"
        if len(full) <= limit:
            return full
        digest = hashlib.sha256(full.encode()).hexdigest()[:6]
        return f"{full[: limit - 7].rstrip('-')}-{digest}"
