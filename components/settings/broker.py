"""Settings of a region's RabbitMQ cluster: nodes, resources, configuration, placement, service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from components.settings.credentials import looks_secret
from components.settings.images import Image, series_of
from components.settings.problems import refuse
from components.settings.values import (
    Bytes,
    Cidr,
    Cores,
    LabelKey,
    LabelValue,
    Model,
    ObjectRef,
    Seconds,
    Series,
    quantity,
)


class Resources(Model):
    """CPU and memory of one broker pod (Kubernetes quantities).

    RabbitMQ's production checklist asks for at least 4 cores and 4 GiB a node.
    """

    cpu_request: Cores = Field(
        default="2", description="CPU that the scheduler reserves for one broker."
    )
    cpu_limit: Cores | None = Field(
        default=None,
        description="CPU ceiling; unset by default: a throttled broker misses heartbeats.",
    )
    memory: Bytes = Field(
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
    disk_free_limit: Bytes = Field(
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
    consumer_timeout: Annotated[int, Field(ge=60_000, le=31_536_000_000)] = Field(
        default=1_800_000,
        description="Milliseconds after which an unacknowledged delivery closes its channel.",
    )
    max_message_size: Annotated[int, Field(ge=1024, le=536_870_912)] = Field(
        default=16_777_216, description="Largest message in bytes."
    )
    additional: dict[str, str | int | float | bool] = Field(
        default_factory=dict,
        max_length=200,
        description="Further rabbitmq.conf keys; one that warren sets itself is refused.",
    )

    @field_validator("additional")
    @classmethod
    def _not_ours(
        cls, value: dict[str, str | int | float | bool]
    ) -> dict[str, str | int | float | bool]:
        refuse(
            f"{key}: {fault}" if _KEY.match(key) else f"'{key[:60]}': {fault}"
            for key, content in value.items()
            if (fault := _wrong_key(key, content))
        )
        return value


def _wrong_key(key: str, content: str | int | float | bool) -> str | None:
    """What is wrong with a further key of rabbitmq.conf."""
    # RabbitMQ's parser cuts off blanks, and a key with one would pass for another than ours here.
    if _KEY.match(key) is None:
        return "is no key of rabbitmq.conf: words of letters, digits, '_' and '-', joined by '.'"
    if any(key.lower() == own or key.lower().startswith(f"{own}.") for own in OWN_KEYS):
        return "it is set by warren; use the typed setting, or take the key out"
    if looks_secret(key.rpartition(".")[2], "text") or key.startswith("default_pass"):
        return "rabbitmq.conf is no secret: everybody who may read ConfigMaps would know it; take it out"
    if not str(content).isprintable():
        return "a line break or control character would add other keys"
    if not str(content).strip():
        return "it is empty, and RabbitMQ would not start"
    return None


_KEY = re.compile(r"^[A-Za-z0-9_$-]+(\.[A-Za-z0-9_$-]+)*\Z")


class Toleration(Model):
    """A taint that broker pods bear, as Kubernetes has it."""

    key: LabelKey | None = Field(default=None, description="The taint's key; none means every key.")
    operator: Literal["Equal", "Exists"] = Field(
        default="Equal", description="Exists bears any value, and takes none."
    )
    value: LabelValue | None = Field(default=None, description="The taint's value.")
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = Field(
        default=None, description="Which effect is borne; every one by default."
    )
    toleration_seconds: Annotated[int, Field(ge=0, le=2**31)] | None = Field(
        default=None,
        alias="tolerationSeconds",
        description="How long NoExecute is borne; for ever by default.",
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """The API server's own rules (k8s.io/kubernetes, validation.ValidateTolerations)."""
        problems: list[str] = []
        if self.key is None and self.operator != "Exists":
            problems.append("operator: without a key every taint is meant; write operator: Exists")
        if self.operator == "Exists" and self.value:
            problems.append("value: operator Exists takes none; take it out, or write Equal")
        if self.toleration_seconds is not None and self.effect != "NoExecute":
            problems.append("tolerationSeconds: only with effect: NoExecute")
        refuse(problems)
        return self


class Placement(Model):
    """Where broker pods may and should run."""

    host: Literal["required", "preferred"] = Field(
        default="required", description="One broker per node: a must, or a wish (small clusters)."
    )
    zone: Literal["required", "preferred"] = Field(
        default="preferred", description="Even spread over topology.kubernetes.io/zone."
    )
    node_selector: dict[LabelKey, LabelValue] = Field(
        default_factory=dict, description="Labels of the nodes."
    )
    tolerations: list[Toleration] = Field(
        default_factory=list[Toleration], description="Tolerations, as Kubernetes has them."
    )
    priority_class: ObjectRef | None = Field(
        default=None, description="Name of an existing PriorityClass."
    )


class Service(Model):
    """How clients and the other regions reach the brokers over AMQPS (port 5671)."""

    type: Literal["LoadBalancer", "NodePort", "ClusterIP"] = Field(
        default="LoadBalancer", description="Kubernetes Service type of the AMQPS entry."
    )
    annotations: dict[LabelKey, str] = Field(
        default_factory=dict, description="Added to what the region's cloud needs."
    )
    allowed_sources: list[Cidr] = Field(
        default_factory=list,
        description="Client address ranges let in; with none given, only the other regions are.",
    )
    pods: list[Cidr] = Field(
        default_factory=list,
        description="Address ranges of this cluster's own pods, left out of allowed_sources: a pod gets "
        "in by its namespace's label warren/client: \"true\" alone. AKS' is known; where pods have "
        "addresses of the network that clients are in (EKS, GKE), there is nothing to leave out.",
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

    image: Image = Field(
        default="rabbitmq:4.3-management",
        description="Container image; pin a digest or a patch release in production (4.3.5 or newer).",
    )
    version: Series = Field(
        default="4.3", description="Release series of the image; decides which keys it takes."
    )
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] = Field(
        default="IfNotPresent", description="Kubernetes pull policy."
    )
    image_pull_secrets: list[ObjectRef] = Field(
        default_factory=list, description="Names of existing pull secrets in the namespace."
    )
    replicas: Annotated[int, Field(ge=1, le=9)] = Field(
        default=3,
        description="Nodes of the cluster: 1 for development, otherwise odd, 3 or 5 by advice.",
    )
    storage: Bytes = Field(default="20Gi", description="Size of each node's volume.")
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
        if value.split(".", maxsplit=1)[0] != "4":
            raise ValueError(
                f"RabbitMQ {value} is not supported; this program is for 4.0 and newer 4.x"
            )
        return value

    @model_validator(mode="after")
    def _sizes(self) -> Self:
        refuse(self._misfits())
        return self

    def _misfits(self) -> Iterator[str]:
        resources, limit = self.resources, self.configuration.disk_free_limit
        if quantity(resources.memory) < 256 * 2**20:
            yield (
                f"resources.memory: {resources.memory} is too little to start a broker; "
                "use 256Mi or more (4Gi in production)"
            )
        if resources.cpu_limit is not None and quantity(resources.cpu_limit) < quantity(
            resources.cpu_request
        ):
            yield (
                f"resources.cpu_limit: {resources.cpu_limit} is less than cpu_request "
                f"({resources.cpu_request}); raise it, or leave it out"
            )
        if quantity(limit) >= quantity(self.storage):
            yield (
                f"configuration.disk_free_limit: {limit} is not less than "
                f"storage ({self.storage}); the disk alarm would never clear"
            )
        if self.service.node_port is not None and self.service.type != "NodePort":
            yield "service.node_port: only a service of type NodePort has one"
        found = series_of(self.image)
        if found is not None and found != self.version:
            yield (
                f"version: '{self.version}', but the image is of {found} ({self.image}), and another "
                f'series takes other keys; write version: "{found}", or another image'
            )

    def at_least(self, major: int, minor: int) -> bool:
        """Whether the image's series is the given one or newer."""
        own = tuple(int(part) for part in self.version.split("."))
        return own >= (major, minor)
