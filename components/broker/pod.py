"""The broker's pod: containers, probes, placement and the restricted security context.

Sources: RabbitMQ "Kubernetes" and "Monitoring: readiness probes" guides, the RabbitMQ Cluster
Operator's StatefulSet, Kubernetes' Pod Security Standards (restricted).
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes import core, meta

from components.broker import names as paths
from components.broker.names import BrokerNames
from components.settings.broker import Broker
from components.settings.values import duration_seconds

_DISTRIBUTION = (
    f"-proto_dist inet_tls -ssl_dist_optfile {paths.CONFIG_DIRECTORY}/inter_node_tls.config"
)

# The cookie is copied because Erlang refuses one that its group may read, and fsGroup makes it so.
_COPY_COOKIE = (
    f"cp /cookie/.erlang.cookie {paths.HOME_DIRECTORY}/.erlang.cookie && "
    f"chmod 600 {paths.HOME_DIRECTORY}/.erlang.cookie"
)


def container_security() -> core.v1.SecurityContextArgs:
    """What Pod Security 'restricted' asks of a container, and a read-only root file system."""
    return core.v1.SecurityContextArgs(
        allow_privilege_escalation=False,
        read_only_root_filesystem=True,
        run_as_non_root=True,
        capabilities=core.v1.CapabilitiesArgs(drop=["ALL"]),
    )


def pod_security() -> core.v1.PodSecurityContextArgs:
    """What Pod Security 'restricted' asks of a pod, as the image's rabbitmq user."""
    return core.v1.PodSecurityContextArgs(
        run_as_non_root=True,
        run_as_user=paths.USER_ID,
        run_as_group=paths.USER_ID,
        fs_group=paths.USER_ID,
        fs_group_change_policy="OnRootMismatch",
        seccomp_profile=core.v1.SeccompProfileArgs(type="RuntimeDefault"),
    )


def stop_command(broker: Broker) -> str:
    """preStop: wait until the other members can do without this node, then hand over and drain.

    A single node has no other members: it only drains. A wait that runs out does not stop the
    drain: the node is going down either way, and a drained one goes down cleaner.
    """
    seconds = duration_seconds(broker.drain_timeout)
    drain = f"rabbitmq-upgrade drain --timeout {seconds}"
    if broker.replicas == 1:
        return drain
    return f"rabbitmq-upgrade await_online_quorum_plus_one --timeout {seconds}; {drain}"


def environment(names: BrokerNames) -> list[core.v1.EnvVarArgs]:
    """Environment of the broker and of command line tools run in its container."""
    values = {
        "HOME": paths.HOME_DIRECTORY,
        "LANG": "C.UTF-8",
        "RABBITMQ_USE_LONGNAME": "true",
        "RABBITMQ_NODENAME": f"rabbit@$(POD_NAME).{names.nodes_domain}",
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": _DISTRIBUTION,
        "RABBITMQ_CTL_ERL_ARGS": _DISTRIBUTION,
    }
    pod_name = core.v1.EnvVarArgs(
        name="POD_NAME",
        value_from=core.v1.EnvVarSourceArgs(
            field_ref=core.v1.ObjectFieldSelectorArgs(field_path="metadata.name")
        ),
    )
    return [pod_name, *(core.v1.EnvVarArgs(name=key, value=text) for key, text in values.items())]


def _probe(period: int, failures: int) -> core.v1.ProbeArgs:
    """A TCP connect to the AMQPS listener, which opens last in a node's start.

    Not an exec probe: each starts an Erlang VM, and a busy node then fails for being busy.
    """
    return core.v1.ProbeArgs(
        tcp_socket=core.v1.TCPSocketActionArgs(port="amqps"),
        period_seconds=period,
        timeout_seconds=5,
        failure_threshold=failures,
    )


def _resources(broker: Broker) -> core.v1.ResourceRequirementsArgs:
    wanted = broker.resources
    limits = {"memory": wanted.memory}
    if wanted.cpu_limit is not None:
        limits["cpu"] = wanted.cpu_limit
    return core.v1.ResourceRequirementsArgs(
        requests={"cpu": wanted.cpu_request, "memory": wanted.memory}, limits=limits
    )


def _affinity(broker: Broker, labels: Mapping[str, str]) -> core.v1.AffinityArgs:
    term = core.v1.PodAffinityTermArgs(
        topology_key="kubernetes.io/hostname",
        label_selector=meta.v1.LabelSelectorArgs(match_labels=dict(labels)),
    )
    if broker.placement.host == "required":
        rule = core.v1.PodAntiAffinityArgs(
            required_during_scheduling_ignored_during_execution=[term]
        )
    else:
        rule = core.v1.PodAntiAffinityArgs(
            preferred_during_scheduling_ignored_during_execution=[
                core.v1.WeightedPodAffinityTermArgs(weight=100, pod_affinity_term=term)
            ]
        )
    return core.v1.AffinityArgs(pod_anti_affinity=rule)


def _spread(
    broker: Broker, labels: Mapping[str, str]
) -> list[core.v1.TopologySpreadConstraintArgs]:
    must = broker.placement.zone == "required"
    return [
        core.v1.TopologySpreadConstraintArgs(
            max_skew=1,
            topology_key="topology.kubernetes.io/zone",
            when_unsatisfiable="DoNotSchedule" if must else "ScheduleAnyway",
            label_selector=meta.v1.LabelSelectorArgs(match_labels=dict(labels)),
        )
    ]


def _tolerations(broker: Broker) -> list[core.v1.TolerationArgs]:
    return [
        core.v1.TolerationArgs(
            key=item.key,
            # Equal is Kubernetes' default, and stands nowhere where nobody wrote it.
            operator=item.operator if "operator" in item.model_fields_set else None,
            value=item.value,
            effect=item.effect,
            toleration_seconds=item.toleration_seconds,
        )
        for item in broker.placement.tolerations
    ]


def _volumes(names: BrokerNames) -> list[core.v1.VolumeArgs]:
    config = core.v1.ProjectedVolumeSourceArgs(
        sources=[
            core.v1.VolumeProjectionArgs(
                config_map=core.v1.ConfigMapProjectionArgs(name=f"{names.name}-config")
            ),
            core.v1.VolumeProjectionArgs(
                secret=core.v1.SecretProjectionArgs(
                    name=f"{names.name}-boot",
                    items=[
                        core.v1.KeyToPathArgs(key="definitions.json", path="boot/definitions.json")
                    ],
                )
            ),
        ]
    )

    def secret(suffix: str) -> core.v1.SecretVolumeSourceArgs:
        return core.v1.SecretVolumeSourceArgs(
            secret_name=f"{names.name}-{suffix}", default_mode=0o440
        )

    return [
        core.v1.VolumeArgs(name="config", projected=config),
        core.v1.VolumeArgs(name="cookie", secret=secret("cookie")),
        # Mounted whole, never by subPath: renewed certificates must reach the running pod.
        core.v1.VolumeArgs(name="tls", secret=secret("tls")),
        core.v1.VolumeArgs(name="distribution", secret=secret("distribution")),
        core.v1.VolumeArgs(name="links", secret=secret("links")),
        core.v1.VolumeArgs(
            name="home", empty_dir=core.v1.EmptyDirVolumeSourceArgs(medium="Memory")
        ),
        core.v1.VolumeArgs(name="tmp", empty_dir=core.v1.EmptyDirVolumeSourceArgs()),
        core.v1.VolumeArgs(name="log", empty_dir=core.v1.EmptyDirVolumeSourceArgs()),
    ]


def _mounts() -> list[core.v1.VolumeMountArgs]:
    read_only = {
        "config": paths.CONFIG_DIRECTORY,
        "tls": paths.TLS_DIRECTORY,
        "distribution": paths.DIST_DIRECTORY,
        "links": paths.LINKS_DIRECTORY,
    }
    writable = {
        "data": paths.DATA_DIRECTORY,
        "home": paths.HOME_DIRECTORY,
        "tmp": "/tmp",  # noqa: S108 - an emptyDir of the pod
        "log": "/var/log/rabbitmq",
    }
    return [
        *(
            core.v1.VolumeMountArgs(name=name, mount_path=path, read_only=True)
            for name, path in read_only.items()
        ),
        *(core.v1.VolumeMountArgs(name=name, mount_path=path) for name, path in writable.items()),
    ]


def pod_template(
    broker: Broker,
    names: BrokerNames,
    labels: Mapping[str, str],
    checksum: pulumi.Input[str],
) -> core.v1.PodTemplateSpecArgs:
    """The template of the StatefulSet.

    Args:
        broker: settings.
        names: of the objects that are mounted.
        labels: of the pods; the anti-affinity selects by them.
        checksum: changes when something changes that a running broker does not read again, and so
            makes Kubernetes roll the pods. Certificates are not part of it.
    """
    ports = {
        "amqps": paths.AMQPS_PORT,
        "management": paths.MANAGEMENT_PORT,
        "metrics": paths.METRICS_PORT,
        "epmd": paths.EPMD_PORT,
        "distribution": paths.DISTRIBUTION_PORT,
    }
    seconds = duration_seconds(broker.drain_timeout)
    waits = 1 if broker.replicas == 1 else 2
    return core.v1.PodTemplateSpecArgs(
        metadata=meta.v1.ObjectMetaArgs(
            labels=dict(labels), annotations={"warren.dev/config-checksum": checksum}
        ),
        spec=core.v1.PodSpecArgs(
            service_account_name=names.name,
            # Peer discovery asks the Kubernetes API only before 4.1.
            automount_service_account_token=not broker.at_least(4, 1),
            enable_service_links=False,
            security_context=pod_security(),
            # Each wait of preStop, and a minute for the broker itself to stop.
            termination_grace_period_seconds=waits * seconds + 60,
            priority_class_name=broker.placement.priority_class,
            node_selector=dict(broker.placement.node_selector) or None,
            tolerations=_tolerations(broker) or None,
            affinity=_affinity(broker, labels),
            topology_spread_constraints=_spread(broker, labels),
            image_pull_secrets=[
                core.v1.LocalObjectReferenceArgs(name=name) for name in broker.image_pull_secrets
            ]
            or None,
            init_containers=[
                core.v1.ContainerArgs(
                    name="cookie",
                    image=broker.image,
                    image_pull_policy=broker.image_pull_policy,
                    command=["sh", "-ec", _COPY_COOKIE],
                    security_context=container_security(),
                    resources=core.v1.ResourceRequirementsArgs(
                        requests={"cpu": "10m", "memory": "16Mi"}, limits={"memory": "64Mi"}
                    ),
                    volume_mounts=[
                        core.v1.VolumeMountArgs(
                            name="cookie", mount_path="/cookie", read_only=True
                        ),
                        core.v1.VolumeMountArgs(name="home", mount_path=paths.HOME_DIRECTORY),
                    ],
                )
            ],
            containers=[
                core.v1.ContainerArgs(
                    name="rabbitmq",
                    image=broker.image,
                    image_pull_policy=broker.image_pull_policy,
                    command=["rabbitmq-server"],
                    env=environment(names),
                    ports=[
                        core.v1.ContainerPortArgs(name=name, container_port=port)
                        for name, port in ports.items()
                    ],
                    # A node waits minutes for its peers after a full stop, and that is no failure.
                    startup_probe=_probe(2, 450),
                    readiness_probe=_probe(5, 3),
                    liveness_probe=_probe(30, 10) if broker.liveness_probe else None,
                    lifecycle=core.v1.LifecycleArgs(
                        pre_stop=core.v1.LifecycleHandlerArgs(
                            exec_=core.v1.ExecActionArgs(command=["sh", "-c", stop_command(broker)])
                        )
                    ),
                    resources=_resources(broker),
                    security_context=container_security(),
                    volume_mounts=_mounts(),
                )
            ],
            volumes=_volumes(names),
        ),
    )
