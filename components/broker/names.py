"""Names of a broker's Kubernetes objects, its ports, and the paths inside its pods, in one place.

The ports that RabbitMQ's nodes use among themselves, all of them open between brokers and nowhere else
(RabbitMQ, "Networking and RabbitMQ", Port Access; docs/security.md has the table):

- 4369, epmd: where a node's distribution port is asked for (Erlang, `epmd`).
- 25672, distribution: clustering, Raft (Khepri and quorum queues), classic queues, federation's and
  shovels' supervision; AMQP port + 20000 (`rabbit_env`, get_dist_port).
- 35672 to 35682: rabbitmqctl and its kin listen on one while they talk to a node; distribution port
  + 10000 to + 10010 (`rabbitmq_ctl_dist_port_min`, `_max` in the command line tools' wrapper).
- 6000 to 6500: replication of streams. Each replica listens on one, and the leader's node dials it
  (osiris 1.13: `port_range` of `osiris_replica`, which has this range as its default;
  `osiris_replica_reader`).
"""

from __future__ import annotations

from dataclasses import dataclass

CONFIG_DIRECTORY = "/etc/rabbitmq"
TLS_DIRECTORY = "/etc/rabbitmq-tls"
DIST_DIRECTORY = "/etc/rabbitmq-distribution"
LINKS_DIRECTORY = "/etc/rabbitmq-links"
DATA_DIRECTORY = "/var/lib/rabbitmq"
HOME_DIRECTORY = "/home/rabbitmq"

AMQPS_PORT = 5671
MANAGEMENT_PORT = 15671
METRICS_PORT = 15691
EPMD_PORT = 4369
DISTRIBUTION_PORT = 25672
CLI_PORTS = (35672, 35682)
"""First and last; rabbitmqctl and its kin listen on one while they talk to a remote node."""
STREAM_PORTS = (6000, 6500)
"""First and last; replicas of streams listen on one each. RabbitMQ sets no other range unless told."""

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
