"""What state an estate is in, asked of every region at once, each with limits of its own.

Works with regions missing: what can't be reached is told as such, and nobody waits for it.
"""

from __future__ import annotations

import concurrent.futures
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from components.outputs import EstateOutputs, OutputsError, read
from warren.errors import WarrenError
from warren.estate import holdings
from warren.estate.drift import Drift
from warren.estate.links import LinkStatus, Report, link_status
from warren.live.kubernetes import ApiError, Cluster
from warren.live.objects import ObjectRef
from warren.live.rabbitmq import Login, Management, ManagementError, opened
from warren.live.reasons import UnansweredError, refusal
from warren.values import Properties, reveal

SCHEMA = "warren.status/1"

Verdict = Literal["healthy", "degraded", "down"]


@dataclass
class RegionStatus:
    """A region as it was found.

    Attributes:
        reachable: whether its Kubernetes API answered.
        role: primary, standby or active.
        nodes_ready: brokers that take clients.
        nodes_wanted: brokers that there should be.
        version: of RabbitMQ; "" when not known.
        amqps: where clients connect.
        server_name: name in its certificate.
        management: the management API's address inside the cluster.
        problems: what is wrong, in words.
        drift: what its brokers hold otherwise than declared; the first of it is among the problems.
    """

    reachable: bool
    role: str
    nodes_ready: int
    nodes_wanted: int
    version: str
    amqps: str
    server_name: str
    management: str
    problems: list[str] = field(default_factory=list[str])
    drift: list[Drift] = field(default_factory=list[Drift])


@dataclass(frozen=True)
class EstateStatus:
    """The whole estate as it was found."""

    stack: str
    primary: str
    epoch: int
    regions: Mapping[str, RegionStatus]
    links: Sequence[LinkStatus]

    @property
    def problems(self) -> list[str]:
        """Everything that is wrong."""
        return [
            *(
                f"{name}: {text}"
                for name, region in self.regions.items()
                for text in region.problems
            ),
            *(f"{link.name}: {text}" for link in self.links for text in link.problems),
        ]

    @property
    def verdict(self) -> Verdict:
        """down: the primary takes no messages. degraded: something else is wrong."""
        primary = self.regions.get(self.primary)
        if primary is None or not primary.reachable or primary.nodes_ready == 0:
            return "down"
        return "degraded" if self.problems else "healthy"

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "schema": SCHEMA,
            "stack": self.stack,
            "verdict": self.verdict,
            "primary": self.primary,
            "epoch": self.epoch,
            "regions": {name: asdict(region) for name, region in self.regions.items()},
            "links": [
                {"from" if key == "from_" else key: value for key, value in vars(link).items()}
                for link in self.links
            ],
        }


@dataclass
class _Found:
    region: RegionStatus
    reports: dict[tuple[str, str], Sequence[Report] | None] = field(
        default_factory=dict[tuple[str, str], "Sequence[Report] | None"]
    )
    depths: dict[tuple[str, str, str], int | None] = field(
        default_factory=dict[tuple[str, str, str], "int | None"]
    )


def estate_status(stack: str, outputs: Properties, directory: Path) -> EstateStatus:
    """Asks every region of an estate.

    Args:
        stack: its name.
        outputs: the stack's outputs, of whichever engine.
        directory: of the project; relative kubeconfigs are below it.
    """
    try:
        known = read(reveal(outputs))
    except OutputsError as error:
        raise WarrenError(
            f"The outputs of stack '{stack}' are not of this version of warren ({error}).",
            f"Run: warren up --stack {stack}, or use the version that brought it up.",
        ) from None
    names = list(known.regions)
    with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
        asked = {name: pool.submit(_ask, name, known, directory) for name in names}
        found = {name: future.result() for name, future in asked.items()}
    reports = {key: value for item in found.values() for key, value in item.reports.items()}
    depths = {key: value for item in found.values() for key, value in item.depths.items()}
    links = [link_status(spec, reports, depths) for spec in known.links]
    return EstateStatus(
        stack,
        known.primary,
        known.epoch,
        {name: item.region for name, item in found.items()},
        links,
    )


def _ask(name: str, known: EstateOutputs[str], directory: Path) -> _Found:
    spec = known.regions[name]
    region = RegionStatus(
        reachable=False,
        role=spec.role,
        nodes_ready=0,
        nodes_wanted=spec.replicas,
        version="",
        amqps=spec.amqps,
        server_name=spec.server_name,
        management=spec.management,
    )
    found = _Found(region)
    namespace = known.namespace
    try:
        cluster = Cluster(spec.kubeconfig, spec.context, directory)
        cluster.check(attempts=1)
    except WarrenError as error:
        region.problems.append(str(error))
        return found
    region.reachable = True
    try:
        live = cluster.get(ObjectRef("apps/v1", "StatefulSet", namespace, "rabbitmq"))
        pods = ready_pods(cluster, namespace)
    except ApiError as error:
        region.problems.append(
            f"{cluster.who} {refusal(error.status)}. {refusal(error.status).remedy}"
        )
        return found
    except UnansweredError as error:
        region.problems.append(str(error))
        return found
    if live is None:
        region.problems.append("its brokers are not there")
        return found
    region.nodes_ready = int((live.get("status") or {}).get("readyReplicas", 0))
    if region.nodes_ready < region.nodes_wanted:
        region.problems.append(f"{region.nodes_ready} of {region.nodes_wanted} brokers ready")
    if pods:
        _ask_broker(name, known, cluster, pods, found)
    return found


def ready_pods(cluster: Cluster, namespace: str) -> list[str]:
    """Names of the broker pods that take clients."""
    path = (
        f"/api/v1/namespaces/{namespace}/pods"
        "?labelSelector=app.kubernetes.io/name%3Drabbitmq,app.kubernetes.io/component%3Dbroker"
    )
    return [
        pod["metadata"]["name"]
        for pod in cluster.request("GET", path)["items"]
        if any(
            item["type"] == "Ready" and item["status"] == "True"
            for item in pod["status"].get("conditions") or []
        )
    ]


def _ask_broker(
    name: str, known: EstateOutputs[str], cluster: Cluster, pods: Sequence[str], found: _Found
) -> None:
    login = Login(
        "monitoring", known.password(name, "monitoring"), known.ca, found.region.server_name
    )
    told = ""
    for pod in pods:
        try:
            with opened(cluster, known.namespace, pod, login) as management:
                _compare(cluster, known.namespace, management, found)
                _read(name, known, management, found)
            return
        except ManagementError as error:
            if error.status == 401 and found.region.drift:
                return  # the drift says why monitoring is not let in
            told = str(error)
    found.region.problems.append(
        f"its management API can't be asked: {told}. Look at its brokers: kubectl --namespace "
        f"{known.namespace} logs {pods[-1]}."
    )


def _compare(cluster: Cluster, namespace: str, management: Management, found: _Found) -> None:
    """What the brokers hold, against what is declared."""
    region = found.region
    try:
        compared = holdings.compared(management, holdings.declared(cluster, namespace))
    except holdings.NotDeclaredError as error:
        region.problems.append(f"{error}; 'warren up' makes it again")
    except ApiError as error:
        region.problems.append(
            "what its brokers hold was not compared with what is declared: its Secrets can't be read; "
            f"{cluster.who} {refusal(error.status)}"
        )
    except UnansweredError as error:
        region.problems.append(str(error))
    else:
        region.drift = list(compared.drifted)
        region.problems += holdings.told(compared.drifted)


def _read(name: str, known: EstateOutputs[str], management: Management, found: _Found) -> None:
    found.region.version = management.get("/api/overview")["rabbitmq_version"]
    alarms = [
        f"{node['name']}: {alarm} alarm"
        for node in management.get("/api/nodes")
        for alarm, key in (("memory", "mem_alarm"), ("disk", "disk_free_alarm"))
        if node.get(key)
    ]
    found.region.problems += alarms
    watched = [link.watch for link in known.links]
    for path in sorted(
        {item.path for watch in watched for item in watch.states if item.region == name}
    ):
        found.reports[(name, path)] = management.get(path) or []
    for item in {item for watch in watched for item in watch.backlog if item.region == name}:
        path = f"/api/queues/{quote(item.vhost, safe='')}/{quote(item.queue, safe='')}"
        answer = management.get(path)
        found.depths[(name, item.vhost, item.queue)] = answer.get("messages", 0) if answer else None
