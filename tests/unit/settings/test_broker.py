"""Settings of brokers and certificates that an API server, RabbitMQ or time itself would refuse."""

from __future__ import annotations

from typing import Any

import pytest

from components.settings import parse
from tests.unit.settings.stacks import changed, errors

CLASSES: list[tuple[str, Any, str, str]] = [
    (
        "broker/configuration/additional",
        {" listeners.tcp.default": 5672},
        "configuration.additional",
        "no key of rabbitmq.conf",
    ),
    (
        "broker/configuration/additional",
        {"listeners.tcp.default\t": 5672},
        "configuration.additional",
        "no key of rabbitmq.conf",
    ),
    (
        "broker/configuration/additional",
        {"LISTENERS.tcp.default": 5672},
        "configuration.additional.LISTENERS.tcp.default",
        "set by warren",
    ),
    (
        "broker/configuration/additional",
        {"listeners.tcp.default": 5672},
        "configuration.additional.listeners.tcp.default",
        "set by warren",
    ),
    (
        "broker/configuration/additional",
        {"default_pass": "hunter2"},
        "configuration.additional.default_pass",
        "in the clear",
    ),
    (
        "broker/configuration/additional",
        {"a.b": "x\nlisteners.tcp.default = 5672"},
        "configuration.additional.a.b",
        "line break",
    ),
    ("broker/image", "rabbit mq:latest!!", "image", "write for example rabbitmq:4.3.5-management"),
    ("broker/image", "rabbitmq:4.3\n", "image", "write for example rabbitmq:4.3.5-management"),
    ("broker/image", "rabbitmq:3.13.7", "version", 'write version: "3.13"'),
    ("broker/image", "rabbitmq:4.2.1-management", "version", 'write version: "4.2"'),
    ("broker/resources", {"cpu_request": "2Gi"}, "resources.cpu_request", "write for example 2"),
    ("broker/resources", {"memory": "768m"}, "resources.memory", "512Mi"),
    (
        "broker/resources",
        {"cpu_request": "2", "cpu_limit": "1"},
        "resources.cpu_limit",
        "less than cpu_request",
    ),
    ("broker/resources", {"memory": "9" * 5000}, "resources.memory", "not a Kubernetes quantity"),
    ("broker/placement", {"node_selector": {"a b": "c"}}, "placement.node_selector", "label"),
    ("broker/placement", {"node_selector": {"a": "c d"}}, "placement.node_selector.a", "label"),
    (
        "broker/placement",
        {"tolerations": [{"kye": "x"}]},
        "placement.tolerations[0].kye",
        "did you mean 'key'",
    ),
    (
        "broker/placement",
        {"tolerations": [{"value": "x"}]},
        "placement.tolerations[0].operator",
        "Exists",
    ),
    (
        "broker/placement",
        {"tolerations": [{"key": "x", "operator": "Exists", "value": "y"}]},
        "placement.tolerations[0].value",
        "takes none",
    ),
    ("broker/placement", {"priority_class": "High!"}, "placement.priority_class", "lower-case"),
    ("broker/image_pull_secrets", ["My Secret"], "image_pull_secrets[0]", "lower-case"),
    ("broker/service/annotations", {"bad key": "x"}, "service.annotations", "annotation"),
    ("broker/replicas", True, "replicas", "a number is meant here"),
    ("broker/configuration/heartbeat", True, "configuration.heartbeat", "a number is meant here"),
    ("broker/drain_timeout", "5 min", "drain_timeout", "30s, 12h"),
    ("broker/drain_timeout", "60s\n", "drain_timeout", "30s, 12h"),
    ("broker/drain_timeout", "9" * 12 + "d", "drain_timeout", "hundred years"),
]


@pytest.mark.parametrize(("path", "value", "key", "remedy"), CLASSES)
def test_wrong_broker_settings(path: str, value: Any, key: str, remedy: str) -> None:
    lines = errors(changed(path, value))
    where = f"warren:broker.{key}"
    assert any(line.startswith(where) and remedy in line for line in lines), lines


@pytest.mark.parametrize(
    ("tls", "key", "remedy"),
    [
        ({"certificate_validity": "1ms"}, "certificate_validity", "1h or more"),
        ({"certificate_validity": "0d"}, "certificate_validity", "1h or more"),
        ({"ca_validity": "0s"}, "ca_validity", "1h or more"),
        ({"renew_before": "400d"}, "renew_before", "write less"),
        ({"renew_before": "365d"}, "renew_before", "write less"),
        ({"renew_before": "1ms"}, "renew_before", "1h or more"),
        ({"ca_validity": "300d"}, "certificate_validity", "longer than ca_validity"),
        ({"ca_validity": "99999d"}, "ca_validity", "hundred years"),
    ],
)
def test_lifetimes_are_in_order(tls: dict[str, str], key: str, remedy: str) -> None:
    lines = errors(changed("tls", tls))
    assert any(line.startswith(f"warren:tls.{key}: ") and remedy in line for line in lines), lines


def test_two_regions_have_no_cluster_in_common() -> None:
    lines = errors(changed("regions/west/context", "lab-east"))
    assert [line for line in lines if line.startswith("warren:regions.west.context: ")]
    values = changed(
        "regions/west", {"cloud": "existing", "context": "lab-east", "kubeconfig": "x"}
    )
    assert parse(values, "dev")


def test_what_kubernetes_takes_is_taken() -> None:
    values = changed(
        "broker/placement",
        {
            "host": "preferred",
            "node_selector": {"example.com/disk": "fast"},
            "tolerations": [
                {"operator": "Exists"},
                {"key": "a", "value": "b", "effect": "NoExecute", "tolerationSeconds": 30},
            ],
        },
    )
    for image in (
        "lab.local/rabbitmq:4.3",
        "rabbitmq@sha256:" + "0" * 64,
        "registry.example.com:5000/a/b_c:4.3.5",
        "rabbitmq:management",
    ):
        values["broker"]["image"] = image
        assert parse(values, "dev").broker.image == image
