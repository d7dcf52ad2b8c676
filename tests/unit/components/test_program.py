"""The real program on the real stack `dev`, in preview and update mode."""

from __future__ import annotations

import functools
import importlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.program import build
from components.settings import parse
from tests.support.recorder import PASSWORD, PRIVATE_KEY, Recording, known_after, record

ROOT = Path(__file__).parents[3]
KUBERNETES = "kubernetes:"


def values() -> dict[str, Any]:
    content = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]
    return {key.removeprefix("warren:"): value for key, value in content.items()}


@functools.cache
def recorded(preview: bool) -> Recording:
    settings = parse(values(), "dev")
    return record(lambda: build(settings), preview=preview)


@pytest.fixture(params=[True, False], ids=["preview", "update"])
def recording(request: pytest.FixtureRequest) -> Recording:
    return recorded(request.param)


def test_a_type_token_names_the_place_of_its_code(recording: Recording) -> None:
    tokens = {item.type for item in recording.resources if item.type.startswith("warren:")}
    assert len(tokens) >= 8
    for token in tokens:
        _, folder, name = token.split(":")
        module = importlib.import_module(f"components.{folder}")
        found = getattr(module, name, None)
        if found is None:
            sources = (ROOT / "components" / folder).rglob("*.py")
            assert any(f"class {name}(" in file.read_text() for file in sources), token


def test_the_estate_is_the_parent_of_all_and_kubernetes_objects_name_their_provider(
    recording: Recording,
) -> None:
    """The SDK gives every orphan the stack as its parent: only the estate may have it."""
    known = recording.by_urn()
    assert [item.type for item in recording.resources if item.parent not in known] == [
        "warren:estate:Estate"
    ]
    for item in recording.resources:
        if item.type.startswith(KUBERNETES):
            region = item.name.split("-")[0]
            assert item.provider_name == region, item.urn


def pod(recording: Recording, region: str = "east") -> dict[str, Any]:
    return recording.one("kubernetes:apps/v1:StatefulSet", region).inputs["spec"]["template"][
        "spec"
    ]


def test_pods_meet_the_restricted_standard(recording: Recording) -> None:
    pods = [pod(recording, region) for region in ("east", "west")]
    jobs = recording.of("kubernetes:batch/v1:Job")
    pods += [job.inputs["spec"]["template"]["spec"] for job in jobs]
    assert len(pods) == 4
    for spec in pods:
        context = spec["securityContext"]
        assert context["runAsNonRoot"] is True
        assert context["runAsUser"] == 999
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        for container in [*spec.get("initContainers", []), *spec["containers"]]:
            own = container["securityContext"]
            assert own["allowPrivilegeEscalation"] is False
            assert own["readOnlyRootFilesystem"] is True
            assert own["capabilities"] == {"drop": ["ALL"]}
            assert "memory" in container["resources"]["limits"]


def test_namespaces_enforce_the_restricted_standard(recording: Recording) -> None:
    for namespace in recording.of("kubernetes:core/v1:Namespace"):
        labels = namespace.inputs["metadata"]["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_brokers_start_together_stop_one_by_one_and_keep_their_disks(recording: Recording) -> None:
    spec = recording.one("kubernetes:apps/v1:StatefulSet", "east").inputs["spec"]
    assert spec["podManagementPolicy"] == "Parallel"
    assert spec["persistentVolumeClaimRetentionPolicy"] == {
        "whenDeleted": "Retain",
        "whenScaled": "Retain",
    }
    container = pod(recording)["containers"][0]
    stop = container["lifecycle"]["preStop"]["exec"]["command"][-1]
    assert "await_online_quorum_plus_one" in stop
    assert "drain" in stop
    assert pod(recording)["terminationGracePeriodSeconds"] == 2 * 60 + 60
    assert container["readinessProbe"]["tcpSocket"] == {"port": "amqps"}
    assert container["startupProbe"]["failureThreshold"] * 2 >= 600
    assert "livenessProbe" not in container
    budget = recording.one("kubernetes:policy/v1:PodDisruptionBudget", "east").inputs["spec"]
    assert budget["maxUnavailable"] == 1


def test_only_amqps_comes_in_and_only_from_allowed_sources(recording: Recording) -> None:
    services = recording.of("kubernetes:core/v1:Service")
    outside = [s for s in services if s.inputs["spec"].get("type") == "LoadBalancer"]
    assert [service.name for service in outside] == ["east-amqps", "west-amqps"]
    for service in outside:
        assert [port["port"] for port in service.inputs["spec"]["ports"]] == [5671]
        assert service.inputs["spec"]["loadBalancerSourceRanges"] == ["10.0.0.0/8"]


def test_no_private_key_and_no_password_is_to_be_seen_anywhere() -> None:
    """In no property of any resource, unless Pulumi knows that it is a secret."""
    recording = recorded(preview=False)
    hidden = 0
    for item in recording.resources:
        for word in (PRIVATE_KEY, PASSWORD):
            assert word not in json.dumps(item.seen), item.urn
            hidden += word in json.dumps(item.inputs)
    assert hidden >= 15, "the keys and passwords of the answers must have been somewhere"


def test_every_kubernetes_secret_is_marked_also_before_its_values_are_known(
    recording: Recording,
) -> None:
    kept = recording.of("kubernetes:core/v1:Secret")
    assert len(kept) == 20
    for item in kept:
        if item.name == "east-links":
            continue  # east dials nobody: the CA certificate alone is in it, which is public
        assert "stringData" in item.secrets, item.name


def test_nodes_are_kept_apart_by_host_and_zone(recording: Recording) -> None:
    """dev prefers another host, since the lab has one; required is what prod says."""
    spec = pod(recording)
    (term,) = spec["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    assert term["podAffinityTerm"]["topologyKey"] == "kubernetes.io/hostname"
    assert (
        term["podAffinityTerm"]["labelSelector"]["matchLabels"].items()
        <= {
            "app.kubernetes.io/name": "rabbitmq",
            "app.kubernetes.io/component": "broker",
            "app.kubernetes.io/instance": "warren-test-east",
            "app.kubernetes.io/part-of": "warren",
            "app.kubernetes.io/managed-by": "pulumi",
        }.items()
    )
    zones = [item["topologyKey"] for item in spec["topologySpreadConstraints"]]
    assert zones == ["topology.kubernetes.io/zone"]


def test_certificates_name_whom_they_are_for_and_what_they_may_do() -> None:
    recording = recorded(preview=False)
    server = recording.one("tls:index/certRequest:CertRequest", "east-server").inputs
    assert {"east.rabbit.lab", "amqp.rabbit.lab", "rabbitmq.rabbitmq.svc"} <= set(
        server["dnsNames"]
    )
    assert len(server["ipAddresses"]) == 1, "the load balancer's own"
    signed = {
        item.name: set(item.inputs["allowedUses"])
        for item in recording.of("tls:index/locallySignedCert:LocallySignedCert")
    }
    assert {"server_auth", "client_auth"} <= signed["east-server"]
    links = {name: uses for name, uses in signed.items() if name.startswith("links-")}
    assert len(links) == 1
    for uses in links.values():
        assert "client_auth" in uses
        assert not uses & {"server_auth", "cert_signing"}, "a link's certificate serves nobody"


def _signs_with(recording: Recording, authority: str) -> tuple[Any, Any]:
    """A CA's key and certificate, as what it signs must name them."""
    type_ = "tls:index/selfSignedCert:SelfSignedCert"
    own = recording.one(type_, authority).inputs
    assert own["isCaCertificate"] is True
    return own["privateKeyPem"], known_after(type_, authority)["certPem"]


def test_a_regions_nodes_are_let_in_by_a_ca_of_their_own() -> None:
    """It signs one certificate: a link's and another region's, with the cookie, join no distribution."""
    recording = recorded(preview=False)
    signed = {
        item.name: (item.inputs["caPrivateKeyPem"], item.inputs["caCertPem"])
        for item in recording.of("tls:index/locallySignedCert:LocallySignedCert")
    }
    regions = ("east", "west")
    own = {region: _signs_with(recording, f"{region}-distribution-ca") for region in regions}
    stack = _signs_with(recording, "ca")
    assert len({*own.values(), stack}) == 3, "each has a key and a certificate of its own"
    for region in regions:
        assert [name for name, by in signed.items() if by == own[region]] == [
            f"{region}-distribution"
        ]
    others = {name for name in signed if not name.endswith("-distribution")}
    assert {"east-server", "west-server"} < others
    assert any(name.startswith("links-") for name in others)
    assert {signed[name] for name in others} == {stack}


def test_nodes_trust_what_is_in_the_distributions_secret(recording: Recording) -> None:
    for region in ("east", "west"):
        config = recording.one("kubernetes:core/v1:ConfigMap", f"{region}-config").inputs["data"]
        options = config["inter_node_tls.config"]
        spec = pod(recording, region)
        (volume,) = [item for item in spec["volumes"] if item["name"] == "distribution"]
        assert volume["secret"]["secretName"] == "rabbitmq-distribution"
        (mount,) = [
            item for item in spec["containers"][0]["volumeMounts"] if item["name"] == "distribution"
        ]
        files = {"cacertfile": "ca.crt", "certfile": "tls.crt", "keyfile": "tls.key"}
        for option, file in files.items():
            assert options.count(f'{{{option},"{mount["mountPath"]}/{file}"}}') == 2, option
    # In a preview its content is one unknown.
    whole = recorded(preview=False)
    secret = whole.one("kubernetes:core/v1:Secret", "east-distribution").inputs
    assert secret["metadata"]["name"] == "rabbitmq-distribution"
    assert secret["stringData"] == {
        "ca.crt": "certPem of east-distribution-ca",
        "tls.crt": "certPem of east-distribution",
        "tls.key": f"{PRIVATE_KEY} of east-distribution",
    }
    names = recording.one("tls:index/certRequest:CertRequest", "east-distribution").inputs
    assert {
        f"rabbitmq-{node}.rabbitmq-nodes.rabbitmq.svc.cluster.local" for node in range(9)
    } <= set(names["dnsNames"])


def test_only_declared_traffic_is_let_in_and_out(recording: Recording) -> None:
    found = {
        item.name: item.inputs["spec"]
        for item in recording.of("kubernetes:networking.k8s.io/v1:NetworkPolicy")
    }
    assert found.keys() == {
        f"{region}-{suffix}"
        for region in ("east", "west")
        for suffix in ("default-deny", "brokers", "tools")
    }
    for region in ("east", "west"):
        clients = found[f"{region}-brokers"]["ingress"][1]
        inside = {"cidr": "10.0.0.0/8", "except": ["10.244.0.0/16"]}
        assert clients["from"][0] == {"ipBlock": inside}, "a pod is no client by its address"
        dialled = found[f"{region}-brokers"]["egress"][-1]
        assert [port["port"] for port in dialled["ports"]] == [5671]
        entry = recording.one("kubernetes:core/v1:Service", f"{region}-amqps")
        assert entry.inputs["spec"]["externalTrafficPolicy"] == "Local", "or no address matches"


def test_cluster_names_differ_or_regions_would_share_an_upstream_queue(
    recording: Recording,
) -> None:
    names = [
        line
        for item in recording.of("kubernetes:core/v1:ConfigMap")
        for line in item.inputs["data"].get("rabbitmq.conf", "").splitlines()
        if line.startswith("cluster_name")
    ]
    assert names == ["cluster_name = warren-test-east", "cluster_name = warren-test-west"]
