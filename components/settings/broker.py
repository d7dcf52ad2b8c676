"""Settings of a region's RabbitMQ cluster: nodes, resources, configuration, placement, service."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from components.settings.values import Cidr, Model, Quantity, Seconds, Series, quantity


class Resources(Model):
    """CPU and memory of one broker pod (Kubernetes quantities).

    RabbitMQ's production checklist asks for at least 4 cores and 4 GiB a node.
    """

    cpu_request: Quantity = Field(
        default="2", description="CPU that the scheduler reserves for one broker."
    )
    cpu_limit: Quantity | None = Field(
        default=None,
        description="CPU ceiling; unset by default: a throttled broker misses heartbeats.",
    )
    memory: Quantity = Field(
        default="4Gi",
        description="Memory, request and limit alike: a broker must know what it really has.",
    )


OWN_KEYS = (
    "auth_mechanisms",
    "channel_max",
    "cluster_formation",
    "cluster_name",
    "cluster_partition_handling",
    "collect_statistics_interval",
    "consumer_timeout",
    "default_queue_type",
    "definitions",
    "disk_free_limit",
    "heartbeat",
    "listeners",
    "log",
    "management.ssl",
    "management.tcp",
    "max_message_size",
    "prometheus.ssl",
    "prometheus.tcp",
    "queue_leader_locator",
    "ssl_cert_login_from",
    "ssl_options",
    "total_memory_available_override_value",
    "vm_memory_high_watermark",
)
"""Keys of rabbitmq.conf, with all below them, that are warren's: a second listener or an older TLS
version beside ours would open what ours closes."""


class Configuration(Model):
    """What goes into rabbitmq.conf. Names and units are RabbitMQ's; see its configuration guide."""

    vm_memory_high_watermark: Annotated[float, Field(gt=0.0, le=0.9)] = Field(
        default=0.6, description="Share of the pod's memory at which publishers are blocked."
    )
    disk_free_limit: Quantity = Field(
        default="2G", description="Free bytes on the volume under which publishers are blocked."
    )
    heartbeat: Annotated[int, Field(ge=5, le=3600)] = Field(
        default=60, description="Seconds between AMQP heartbeats; under 5 gives false alarms."
    )
    channel_max: Annotated[int, Field(ge=1, le=65535)] = Field(
        default=2047, description="Channels that one connection may open."
    )
    partition_handling: Literal["pause_minority", "autoheal", "ignore"] = Field(
        default="pause_minority",
        description="Strategy of Mnesia clusters (before 4.3); Khepri, the metadata store since, needs none.",
    )
    log_level: Literal["debug", "info", "warning", "error", "critical", "none"] = Field(
        default="info", description="Level of the console log."
    )
    collect_statistics_interval: Annotated[int, Field(ge=1000, le=300_000)] = Field(
        default=10_000, description="Milliseconds between statistics of connections and queues."
    )
    consumer_timeout: Annotated[int, Field(ge=60_000)] = Field(
        default=1_800_000,
        description="Milliseconds after which an unacknowledged delivery closes its channel.",
    )
    max_message_size: Annotated[int, Field(ge=1024, le=536_870_912)] = Field(
        default=16_777_216, description="Largest message in bytes."
    )
    additional: dict[str, str | int | float | bool] = Field(
        default_factory=dict,
        description="Further rabbitmq.conf keys; one that warren sets itself is refused.",
    )

    @field_validator("additional")
    @classmethod
    def _not_ours(
        cls, value: dict[str, str | int | float | bool]
    ) -> dict[str, str | int | float | bool]:
        for key, content in value.items():
            if any(key == own or key.startswith(f"{own}.") for own in OWN_KEYS):
                raise ValueError(
                    f"'{key}' is set by warren; use the typed setting, or take the key out"
                )
            if not (key + str(content)).isprintable():
                raise ValueError(f"'{key}': a line break or control character would add other keys")
        return value


class Placement(Model):
    """Where broker pods may and should run."""

    host: Literal["required", "preferred"] = Field(
        default="required", description="One broker per node: a must, or a wish (small clusters)."
    )
    zone: Literal["required", "preferred"] = Field(
        default="preferred", description="Even spread over topology.kubernetes.io/zone."
    )
    node_selector: dict[str, str] = Field(default_factory=dict, description="Labels of the nodes.")
    tolerations: list[dict[str, str | int]] = Field(
        default_factory=list, description="Tolerations, as Kubernetes has them."
    )
    priority_class: str | None = Field(
        default=None, description="Name of an existing PriorityClass."
    )


class Service(Model):
    """How clients and the other regions reach the brokers over AMQPS (port 5671)."""

    type: Literal["LoadBalancer", "NodePort", "ClusterIP"] = Field(
        default="LoadBalancer", description="Kubernetes Service type of the AMQPS entry."
    )
    annotations: dict[str, str] = Field(
        default_factory=dict, description="Added to what the region's cloud needs."
    )
    allowed_sources: list[Cidr] = Field(
        default_factory=list,
        description="Client address ranges let in; with none given, only the other regions are.",
    )
    external_traffic_policy: Literal["Local", "Cluster"] = Field(
        default="Local",
        description="Local keeps clients' addresses, which network policies and logs need; Cluster "
        "for load balancers that can't send to nodes with brokers alone: there the balancer's own "
        "source ranges are the only check of addresses.",
    )
    node_port: Annotated[int, Field(ge=30000, le=32767)] | None = Field(
        default=None, description="Fixed port of a NodePort service."
    )


class Broker(Model):
    """A RabbitMQ cluster of one region."""

    image: str = Field(
        default="rabbitmq:4.3-management",
        min_length=1,
        description="Container image; pin a digest or a patch release in production (4.3.5 or newer).",
    )
    version: Series = Field(
        default="4.3", description="Release series of the image; decides which keys it takes."
    )
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] = Field(
        default="IfNotPresent", description="Kubernetes pull policy."
    )
    image_pull_secrets: list[str] = Field(
        default_factory=list, description="Names of existing pull secrets in the namespace."
    )
    replicas: Annotated[int, Field(ge=1, le=9)] = Field(
        default=3,
        description="Nodes of the cluster: 1 for development, otherwise odd, 3 or 5 by advice.",
    )
    storage: Quantity = Field(default="20Gi", description="Size of each node's volume.")
    resources: Resources = Field(default_factory=Resources, description="CPU and memory of a pod.")
    configuration: Configuration = Field(
        default_factory=Configuration, description="Typed rabbitmq.conf."
    )
    placement: Placement = Field(default_factory=Placement, description="Scheduling.")
    service: Service = Field(default_factory=Service, description="AMQPS entry.")
    network_policies: bool = Field(
        default=True,
        description="Refuse all traffic in the namespace but what brokers need. Off only where "
        "another tool writes the policies; a cluster whose network enforces none ignores them.",
    )
    drain_timeout: Seconds = Field(
        default="10m",
        description="Longest wait of a stopping node for its queues' other members.",
    )
    liveness_probe: bool = Field(
        default=False,
        description="Off, as RabbitMQ advises: it would restart nodes that only wait for their peers.",
    )

    @field_validator("replicas")
    @classmethod
    def _odd(cls, value: int) -> int:
        if value % 2 == 0:
            raise ValueError(
                f"{value} is even: a cluster of {value} survives no more failures than one of "
                f"{value - 1}; use {value - 1} or {value + 1}"
            )
        return value

    @field_validator("version")
    @classmethod
    def _supported(cls, value: str) -> str:
        major, minor = (int(part) for part in value.split("."))
        if major != 4:
            raise ValueError(
                f"RabbitMQ {value} is not supported; this program is for 4.0 and newer 4.x"
            )
        del minor
        return value

    @model_validator(mode="after")
    def _sizes(self) -> Self:
        memory = quantity(self.resources.memory)
        if memory < 256 * 2**20:
            raise ValueError(
                f"resources.memory: {self.resources.memory} is too little to start a broker; "
                "use 256Mi or more (4Gi in production)"
            )
        if quantity(self.configuration.disk_free_limit) >= quantity(self.storage):
            raise ValueError(
                f"configuration.disk_free_limit: {self.configuration.disk_free_limit} is not less than "
                f"storage ({self.storage}); the disk alarm would never clear"
            )
        if self.service.node_port is not None and self.service.type != "NodePort":
            raise ValueError("service.node_port: only a service of type NodePort has one")
        return self

    def at_least(self, major: int, minor: int) -> bool:
        """Whether the image's series is the given one or newer."""
        own = tuple(int(part) for part in self.version.split("."))
        return own >= (major, minor)
