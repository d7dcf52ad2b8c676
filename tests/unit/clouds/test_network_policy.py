"""Network policies and the management ingress: what is let in and out, rule by rule."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from components.broker.ingress import ManagementIngress, ManagementIngressArgs
from components.broker.names import BrokerNames
from components.broker.network_policy import NetworkPolicies, NetworkPoliciesArgs
from components.program import build
from components.settings import SettingsError, parse
from components.settings.management import ManagementIngress as IngressSettings
from tests.support.recorder import Recording, record
from tests.unit.clouds.regions import CONTEXT, region, values

LABELS = CONTEXT.labels("broker", "east")
BROKERS = {"app.kubernetes.io/name": "rabbitmq", "app.kubernetes.io/component": "broker"}
CLIENTS = ("198.51.100.0/24", "192.0.2.1/32")
BETWEEN = [4369, 25672, (35672, 35682), (6000, 6500)]


@cache
def policies(**changes: Any) -> dict[str, dict[str, Any]]:
    args = NetworkPoliciesArgs(
        namespace="rabbitmq", labels=LABELS, allowed_sources=CLIENTS, **changes
    )
    recording = record(lambda: NetworkPolicies("east", args))
    found = recording.of("kubernetes:networking.k8s.io/v1:NetworkPolicy")
    return {item.inputs["metadata"]["name"]: item.inputs["spec"] for item in found}


def ports(rule: dict[str, Any]) -> list[int | tuple[int, int]]:
    assert rule["ports"], "a rule without ports is one for all of them"
    return [
        (item["port"], item["endPort"]) if "endPort" in item else item["port"]
        for item in rule["ports"]
    ]


def test_everything_is_refused_first() -> None:
    assert policies()["rabbitmq-default-deny"] == {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
    }


def test_what_brokers_take() -> None:
    spec = policies()["rabbitmq-brokers"]
    assert spec["podSelector"] == {"matchLabels": BROKERS}
    peers, clients, ours, metrics = spec["ingress"]
    assert peers["from"] == [{"podSelector": {"matchLabels": BROKERS}}]
    assert ports(peers) == BETWEEN
    assert clients["from"] == [
        {"ipBlock": {"cidr": "198.51.100.0/24"}},
        {"ipBlock": {"cidr": "192.0.2.1/32"}},
        {"namespaceSelector": {"matchLabels": {"warren/client": "true"}}},
    ]
    assert ports(clients) == [5671]
    assert ours["from"] == [
        {"podSelector": {"matchLabels": {"app.kubernetes.io/part-of": "warren"}}}
    ]
    assert ports(ours) == [5671, 15671, 15691]
    assert metrics["from"] == [{"namespaceSelector": {"matchLabels": {"warren/metrics": "true"}}}]
    assert ports(metrics) == [15691]


def test_the_clusters_own_pods_are_no_clients_by_their_address() -> None:
    """They come in by their namespace's label; a stranger's pod in a client's range would too."""
    args = NetworkPoliciesArgs(
        namespace="rabbitmq",
        labels=LABELS,
        allowed_sources=["10.0.0.0/8", "198.51.100.0/24", "0.0.0.0/0", "10.244.0.0/16"],
        pods=["10.244.0.0/16"],
    )
    found = record(lambda: NetworkPolicies("east", args))
    rules = found.one("kubernetes:networking.k8s.io/v1:NetworkPolicy", "east-brokers").inputs
    blocks = [item["ipBlock"] for item in rules["spec"]["ingress"][1]["from"] if "ipBlock" in item]
    assert blocks == [
        {"cidr": "10.0.0.0/8", "except": ["10.244.0.0/16"]},
        {"cidr": "198.51.100.0/24"},
        {"cidr": "0.0.0.0/0", "except": ["10.244.0.0/16"]},
        {"cidr": "10.244.0.0/16"},
    ]


def test_what_brokers_give() -> None:
    peers, dns, links = policies()["rabbitmq-brokers"]["egress"]
    assert ports(peers) == BETWEEN
    assert {(item["protocol"], item["port"]) for item in dns["ports"]} == {("UDP", 53), ("TCP", 53)}
    assert dns["to"] == [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}},
        {"ipBlock": {"cidr": "169.254.0.0/16"}},
    ]
    assert links["to"] == [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]}}]
    assert ports(links) == [5671]


def test_no_rule_is_for_everybody() -> None:
    for name, spec in policies().items():
        for rule in spec.get("ingress", []):
            assert rule["from"], name
            assert {"ipBlock": {"cidr": "0.0.0.0/0"}} not in rule["from"]
        for rule in spec.get("egress", []):
            assert rule["to"], name


def test_management_only_from_the_ingress_controller() -> None:
    spec = policies(ingress_namespace="ingress-nginx")["rabbitmq-brokers"]
    rule = spec["ingress"][-1]
    selector = {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}
    assert rule["from"] == [{"namespaceSelector": selector}]
    assert ports(rule) == [15671]


def test_links_and_api_are_let_out_only_if_there_are_any() -> None:
    without = policies(upstreams=())["rabbitmq-brokers"]["egress"]
    assert len(without) == 2
    with_api = policies(kubernetes_api=True)["rabbitmq-brokers"]["egress"]
    assert ports(with_api[-1]) == [443, 6443]
    known = policies(upstreams=("192.0.2.9/32",), upstream_ports=(30671,))["rabbitmq-brokers"]
    assert known["egress"][-1]["to"] == [{"ipBlock": {"cidr": "192.0.2.9/32"}}]
    assert ports(known["egress"][-1]) == [30671]


def test_our_tools_reach_brokers_and_dns_alone() -> None:
    spec = policies()["rabbitmq-tools"]
    assert spec["podSelector"]["matchLabels"] == {"app.kubernetes.io/part-of": "warren"}
    (expression,) = spec["podSelector"]["matchExpressions"]
    assert (expression["operator"], expression["values"]) == ("NotIn", ["broker"])
    assert spec["policyTypes"] == ["Egress"]
    brokers, dns = spec["egress"]
    assert brokers["to"] == [{"podSelector": {"matchLabels": BROKERS}}]
    assert ports(brokers) == [5671, 15671, 15691]
    assert ports(dns) == [53, 53]


def test_ingress_of_the_management_page() -> None:
    settings = IngressSettings(
        host="rabbitmq.example.com",
        tls_secret="management-tls",
        allowed_sources=["198.51.100.0/24"],
    )
    args = ManagementIngressArgs(
        names=BrokerNames("rabbitmq"),
        labels=LABELS,
        settings=settings,
        certificate_authority="rabbitmq/ca",
    )
    inputs = (
        record(lambda: ManagementIngress("east", args))
        .one("kubernetes:networking.k8s.io/v1:Ingress")
        .inputs
    )
    assert inputs["spec"]["ingressClassName"] == "nginx"
    assert inputs["spec"]["tls"] == [
        {"hosts": ["rabbitmq.example.com"], "secretName": "management-tls"}
    ]
    (rule,) = inputs["spec"]["rules"]
    assert rule["host"] == "rabbitmq.example.com"
    (path,) = rule["http"]["paths"]
    assert path["backend"]["service"]["port"] == {"number": 15671}
    prefix = "nginx.ingress.kubernetes.io/"
    annotations = inputs["metadata"]["annotations"]
    assert annotations[f"{prefix}backend-protocol"] == "HTTPS"
    assert annotations[f"{prefix}whitelist-source-range"] == "198.51.100.0/24"
    assert annotations[f"{prefix}proxy-ssl-verify"] == "on"
    assert annotations[f"{prefix}proxy-ssl-secret"] == "rabbitmq/ca"


def test_management_page_is_never_open_to_all() -> None:
    with pytest.raises(ValueError, match=r"allowed_sources\[0\]: 0.0.0.0/0 opens"):
        IngressSettings(host="m.example.com", tls_secret="t", allowed_sources=["0.0.0.0/0"])


def test_the_broker_gets_rules_and_page_as_the_settings_say() -> None:
    """The parts above, as a whole program puts them together."""

    def program(**broker: Any) -> Recording:
        east = region(
            "existing",
            management={
                "host": "rabbitmq.example.com",
                "tls_secret": "management-tls",
                "allowed_sources": ["198.51.100.0/24"],
            },
            broker=broker,
        )
        settings = parse(values({"east": east}), "test")
        return record(lambda: build(settings))

    policy, ingress = (
        "kubernetes:networking.k8s.io/v1:NetworkPolicy",
        "kubernetes:networking.k8s.io/v1:Ingress",
    )
    found = program()
    rules = found.one(policy, "east-brokers").inputs["spec"]
    assert [5671] not in [ports(rule) for rule in rules["egress"]], "it has no links to dial"
    assert ports(rules["ingress"][-1]) == [15671]
    page = found.one(ingress).inputs["metadata"]["annotations"]
    name = page["nginx.ingress.kubernetes.io/proxy-ssl-secret"].split("/")
    kept = [item.inputs["metadata"] for item in found.of("kubernetes:core/v1:Secret")]
    assert name in [[item["namespace"], item["name"]] for item in kept], "the CA that it checks by"

    assert program(network_policies=False).of(policy) == []
    rewritten = program(service={"external_traffic_policy": "Cluster"})
    clients = rewritten.one(policy, "east-brokers").inputs["spec"]["ingress"][1]
    assert clients["from"][0]["ipBlock"]["cidr"] == "0.0.0.0/0", "nodes rewrite the addresses"
    old = program(version="4.0", image="rabbitmq:4.0-management")
    egress = old.one(policy, "east-brokers").inputs["spec"]["egress"]
    assert [443, 6443] in [ports(rule) for rule in egress], "4.0 finds its peers by the API"


def test_a_page_that_azures_network_would_drop_is_refused() -> None:
    page = {"host": "m.example.com", "tls_secret": "t", "allowed_sources": ["198.51.100.0/24"]}
    weu = region("azure", management=page)
    with pytest.raises(SettingsError, match=r"regions\.weu.*public_ports.*add 443"):
        parse(values({"weu": weu}), "test")
    weu["network"]["public_ports"] = [5671, 443]
    assert parse(values({"weu": weu}), "test").regions["weu"].management is not None
