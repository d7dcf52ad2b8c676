"""rabbitmq.conf: TLS only, keys by version, and nothing of ours overridden."""

from __future__ import annotations

from typing import Any

import pytest

from components.broker.configuration import inter_node_tls, memory_for_rabbitmq, rabbitmq_conf
from components.broker.names import BrokerNames
from components.settings.broker import Broker

NAMES = BrokerNames("rabbitmq")


def conf(**settings: Any) -> dict[str, str]:
    # Image and series are one: another series takes another image.
    image = f"rabbitmq:{settings.get('version', '4.3')}-management"
    text = rabbitmq_conf(Broker.model_validate({"image": image, **settings}), NAMES, "c")
    return dict(line.split(" = ", 1) for line in text.splitlines())


def test_there_is_no_plain_listener() -> None:
    keys = conf()
    assert keys["listeners.tcp"] == "none"
    assert not [key for key in keys if key.startswith(("management.tcp", "prometheus.tcp"))]
    assert keys["ssl_options.verify"] == "verify_peer"
    assert "tlsv1.1" not in keys.values()


def test_nodes_talk_tls_and_verify_each_other() -> None:
    assert inter_node_tls().count("{verify,verify_peer}") == 2
    assert "{fail_if_no_peer_cert,true}" in inter_node_tls()


@pytest.mark.parametrize(
    ("version", "discovery", "partitions"),
    [("4.0", True, True), ("4.1", False, True), ("4.2", False, True), ("4.3", False, False)],
)
def test_keys_fit_the_series(version: str, discovery: bool, partitions: bool) -> None:
    keys = conf(version=version)
    assert ("cluster_formation.k8s.host" in keys) is discovery
    assert ("cluster_partition_handling" in keys) is partitions


def test_a_key_of_ours_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"listeners\.ssl\.default"):
        conf(configuration={"additional": {"listeners.ssl.default": 1}})


def test_rabbitmq_counts_on_less_than_the_pod_has() -> None:
    gib = 2**30
    assert memory_for_rabbitmq("4Gi") == 4 * gib - 4 * gib // 5
    assert memory_for_rabbitmq("64Gi") == 62 * gib


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("management.tcp.port", 15672),
        ("prometheus.tcp.port", 15692),
        ("listeners.tcp.1", 5672),
        ("ssl_options.versions.3", "tlsv1.1"),
        ("auth_mechanisms.3", "ANONYMOUS"),
        ("mqtt.x", "1\nlisteners.tcp.default = 5672"),
    ],
)
def test_nothing_can_be_added_that_opens_what_is_closed(key: str, value: object) -> None:
    with pytest.raises(ValueError, match=key):
        Broker.model_validate({"configuration": {"additional": {key: value}}})


@pytest.mark.parametrize("version", ["4.0", "4.3"])
def test_every_key_that_is_rendered_is_refused_in_the_settings(version: str) -> None:
    for key in conf(version=version):
        with pytest.raises(ValueError, match="set by warren"):
            Broker.model_validate({"configuration": {"additional": {key: "x"}}})


def test_other_keys_may_be_added() -> None:
    assert conf(configuration={"additional": {"mqtt.prefetch": 10}})["mqtt.prefetch"] == "10"
