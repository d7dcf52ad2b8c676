"""Names of a broker's Kubernetes objects and the paths inside its pods, in one place."""

from __future__ import annotations

from dataclasses import dataclass

CONFIG_DIRECTORY = "/etc/rabbitmq"
TLS_DIRECTORY = "/etc/rabbitmq-tls"
DIST_DIRECTORY = "/etc/rabbitmq-tls"
LINKS_DIRECTORY = "/etc/rabbitmq-links"
DATA_DIRECTORY = "/var/lib/rabbitmq"
HOME_DIRECTORY = "/home/rabbitmq"

AMQPS_PORT = 5671
MANAGEMENT_PORT = 15671
METRICS_PORT = 15691
EPMD_PORT = 4369
DISTRIBUTION_PORT = 25672

USER_ID = 999
"""The rabbitmq user of the official image and of the lab's."""

MOST_NODES = 9
"""Certificates name this many nodes, so that a cluster can grow without new ones."""


@dataclass(frozen=True)
class BrokerNames:
    """Names of one broker cluster in its namespace.

    They do not carry stack or region: a Kubernetes cluster belongs to one region of one stack.
    """

    namespace: str
    name: str = "rabbitmq"

    @property
    def nodes_service(self) -> str:
        """The headless service that gives each node its DNS name."""
        return f"{self.name}-nodes"

    @property
    def client_service(self) -> str:
        """The in-cluster service for clients, management and metrics."""
        return self.name

    @property
    def entry_service(self) -> str:
        """The service that other regions and outside clients come in by: AMQPS only."""
        return f"{self.name}-amqps"

    @property
    def nodes_domain(self) -> str:
        """DNS domain of the nodes."""
        return f"{self.nodes_service}.{self.namespace}.svc.cluster.local"

    def node_host(self, ordinal: int) -> str:
        """DNS name of one node."""
        return f"{self.name}-{ordinal}.{self.nodes_domain}"

    def certificate_names(self) -> list[str]:
        """DNS names inside the cluster that the server certificate must carry.

        Nodes are listed one by one: Erlang's distribution does not match wildcards.
        """
        service = f"{self.client_service}.{self.namespace}.svc"
        nodes = [self.node_host(ordinal) for ordinal in range(MOST_NODES)]
        return [service, f"{service}.cluster.local", *nodes, "localhost"]
