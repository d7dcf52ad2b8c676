"""rabbitmq.conf, advanced.config and the plugin list, rendered from settings. Pure functions.

Keys: RabbitMQ configuration guide, and `deps/rabbit/priv/schema/rabbit.schema` of the series.
"""

from __future__ import annotations

from collections.abc import Mapping

from components.broker.names import DIST_DIRECTORY, LINKS_DIRECTORY, TLS_DIRECTORY, BrokerNames
from components.settings.broker import Broker
from components.settings.values import quantity

PLUGINS = (
    "rabbitmq_auth_mechanism_ssl",
    "rabbitmq_consistent_hash_exchange",
    "rabbitmq_federation",
    "rabbitmq_federation_management",
    "rabbitmq_management",
    "rabbitmq_peer_discovery_k8s",
    "rabbitmq_prometheus",
    "rabbitmq_shovel",
    "rabbitmq_shovel_management",
)

PLUGINS_SINCE_4_1 = ("rabbitmq_federation_prometheus", "rabbitmq_shovel_prometheus")


def enabled_plugins(broker: Broker) -> str:
    """The file `enabled_plugins`: an Erlang list."""
    newer = PLUGINS_SINCE_4_1 if broker.at_least(4, 1) else ()
    return f"[{','.join(sorted((*PLUGINS, *newer)))}].\n"


def memory_for_rabbitmq(memory: str) -> int:
    """Bytes of the pod's memory that RabbitMQ may count on: all but a fifth, at most 2 GiB.

    The Erlang VM returns memory late and the page cache is charged to the pod, so a broker that
    counts on the whole limit is killed before its alarm sounds (the RabbitMQ Cluster Operator
    keeps the same headroom).
    """
    total = int(quantity(memory))
    return total - min(total // 5, 2 * 2**30)


def rabbitmq_conf(broker: Broker, names: BrokerNames, cluster_name: str) -> str:
    """The file rabbitmq.conf.

    Raises:
        ValueError: `additional` names a key that warren sets.
    """
    keys = _keys(broker, names, cluster_name)
    for key, value in broker.configuration.additional.items():
        if key in keys:
            raise ValueError(
                f"broker.configuration.additional: '{key}' is set by warren (to {keys[key]}); "
                "use the typed setting, or take the key out"
            )
        keys[key] = _text(value)
    return "".join(f"{key} = {value}\n" for key, value in keys.items())


def _keys(broker: Broker, names: BrokerNames, cluster_name: str) -> dict[str, str]:
    settings = broker.configuration
    keys: dict[str, str] = {
        "cluster_name": cluster_name,
        "cluster_formation.peer_discovery_backend": "k8s",
        "cluster_formation.target_cluster_size_hint": str(broker.replicas),
        "queue_leader_locator": "balanced",
        "default_queue_type": "quorum",
        "definitions.import_backend": "local_filesystem",
        "definitions.local.path": "/etc/rabbitmq/boot/definitions.json",
        # A node that boots again does not overwrite what has changed since: the topology job does.
        "definitions.skip_if_unchanged": "true",
    }
    if not broker.at_least(4, 1):
        # Since 4.1 the pod with ordinal 0 is the seed and none of these is needed (release notes 4.1.0).
        keys |= {
            "cluster_formation.k8s.host": "kubernetes.default.svc.cluster.local",
            "cluster_formation.k8s.address_type": "hostname",
            "cluster_formation.k8s.service_name": names.nodes_service,
            "cluster_formation.k8s.hostname_suffix": f".{names.nodes_domain}",
        }
    if not broker.at_least(4, 3):
        keys["cluster_partition_handling"] = settings.partition_handling
    keys |= {
        "total_memory_available_override_value": str(memory_for_rabbitmq(broker.resources.memory)),
        "vm_memory_high_watermark.relative": str(settings.vm_memory_high_watermark),
        "disk_free_limit.absolute": str(int(quantity(settings.disk_free_limit))),
        "heartbeat": str(settings.heartbeat),
        "channel_max": str(settings.channel_max),
        "collect_statistics_interval": str(settings.collect_statistics_interval),
        "consumer_timeout": str(settings.consumer_timeout),
        "max_message_size": str(settings.max_message_size),
        "log.console": "true",
        "log.console.level": settings.log_level,
        "log.file": "false",
    }
    keys |= _listeners()
    return keys


def _listeners() -> dict[str, str]:
    """TLS only. The plain listeners are off altogether, inside the pod as well."""
    files = {
        "cacertfile": f"{TLS_DIRECTORY}/ca.crt",
        "certfile": f"{TLS_DIRECTORY}/tls.crt",
        "keyfile": f"{TLS_DIRECTORY}/tls.key",
    }
    keys = {
        "listeners.tcp": "none",
        "listeners.ssl.default": "5671",
        # Clients may log in with a password; a link's user has none and must show its certificate.
        "ssl_options.verify": "verify_peer",
        "ssl_options.fail_if_no_peer_cert": "false",
        "ssl_options.depth": "2",
        "ssl_options.versions.1": "tlsv1.3",
        "ssl_options.versions.2": "tlsv1.2",
        "ssl_cert_login_from": "common_name",
        "auth_mechanisms.1": "PLAIN",
        "auth_mechanisms.2": "EXTERNAL",
        "management.ssl.port": "15671",
        "management.ssl.versions.1": "tlsv1.3",
        "management.ssl.versions.2": "tlsv1.2",
        "prometheus.ssl.port": "15691",
        "prometheus.ssl.versions.1": "tlsv1.3",
        "prometheus.ssl.versions.2": "tlsv1.2",
    }
    for prefix in ("ssl_options", "management.ssl", "prometheus.ssl"):
        keys |= {f"{prefix}.{key}": path for key, path in files.items()}
    return keys


def inter_node_tls() -> str:
    """Erlang distribution over TLS, both sides verified (RabbitMQ, "Securing Cluster Communication")."""
    options = (
        f'{{cacertfile,"{DIST_DIRECTORY}/ca.crt"}},'
        f'{{certfile,"{DIST_DIRECTORY}/tls.crt"}},'
        f'{{keyfile,"{DIST_DIRECTORY}/tls.key"}},'
        "{secure_renegotiate,true},{verify,verify_peer}"
    )
    return f"[{{server,[{options},{{fail_if_no_peer_cert,true}}]}},{{client,[{options}]}}].\n"


def link_file(link: str, kind: str) -> str:
    """Path in the pod of a link's certificate or key."""
    return f"{LINKS_DIRECTORY}/{link}.{kind}"


def files(broker: Broker, names: BrokerNames, cluster_name: str) -> Mapping[str, str]:
    """All files of the broker's ConfigMap."""
    return {
        "enabled_plugins": enabled_plugins(broker),
        "rabbitmq.conf": rabbitmq_conf(broker, names, cluster_name),
        "inter_node_tls.config": inter_node_tls(),
    }


def _text(value: str | int | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
