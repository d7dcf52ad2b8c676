"""Rules on single resources, for changes that no stack of the golden files can make."""

from __future__ import annotations

import re
from typing import Any

import pytest

from warren.comparison.consequences import Change, consequences
from warren.comparison.consequences.access import everybody
from warren.comparison.consequences.images import version
from warren.comparison.property_diff import property_diff


def told(type_: str, old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """The dangers of one changed resource."""
    change = Change(
        "changed", type_, "x", {"inputs": old}, {"inputs": new}, property_diff(old, new)
    )
    return [item.text for item in consequences(change) if item.loses]


def configuration(old: str, new: str, plugins: tuple[str, str] = ("", "")) -> list[str]:
    def side(text: str, enabled: str) -> dict[str, Any]:
        return {"data": {"rabbitmq.conf": text, "enabled_plugins": f"[{enabled}]."}}

    return told("kubernetes:core/v1:ConfigMap", side(old, plugins[0]), side(new, plugins[1]))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("listeners.tcp = none", "listeners.tcp.default = 5672", "without TLS"),
        ("", "management.tcp.port = 15672", "a port without TLS is opened"),
        (
            "ssl_options.verify = verify_peer",
            "ssl_options.verify = verify_none",
            "not verified any more",
        ),
        ("", "ssl_options.versions.2 = tlsv1.1", "is broken"),
        ("", "loopback_users = none", "guest may log in"),
        ("", "anonymous_login_user = guest", "logged in as this user"),
        ("", "auth_mechanisms.3 = ANONYMOUS", "nobody has to log in"),
        (
            "cluster_partition_handling = pause_minority",
            "cluster_partition_handling = ignore",
            "differ",
        ),
        ("cluster_name = a", "cluster_name = b", "begin anew"),
    ],
)
def test_a_dangerous_line_of_the_configuration(old: str, new: str, sentence: str) -> None:
    assert [text for text in configuration(old, new) if sentence in text]
    assert not configuration(new, old) or old, "the way back is safe"


def test_nodes_that_trust_another_ca_restart_all_at_once() -> None:
    """In any other order: the first that is new would wait for ever for those that are old."""

    def side(directory: str) -> dict[str, Any]:
        options = f'[{{server,[{{cacertfile,"{directory}/ca.crt"}}]}}].'
        return {"data": {"rabbitmq.conf": "", "inter_node_tls.config": options}}

    old, new = side("/etc/rabbitmq-tls"), side("/etc/rabbitmq-distribution")
    (found,) = told("kubernetes:core/v1:ConfigMap", old, new)
    assert re.search("trusts /etc/rabbitmq-distribution/ca.crt .* at once", found)
    assert not told("kubernetes:core/v1:ConfigMap", new, new)


def test_a_plugin_that_goes() -> None:
    found = configuration("", "", ("rabbitmq_federation,rabbitmq_stream", "rabbitmq_federation"))
    assert re.search("Plugins go: rabbitmq_stream", found[0])
    assert (
        configuration("", "", ("rabbitmq_federation", "rabbitmq_federation,rabbitmq_stream")) == []
    )


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("rabbitmq:4.3-management", (4, 3)),
        ("registry.example:5000/mq/rabbitmq:4.3.6@sha256:00", (4, 3, 6)),
        ("lab.local/rabbitmq:4.0", (4, 0)),
        ("registry.example:5000/rabbitmq", None),
        ("rabbitmq:latest", None),
        ("rabbitmq@sha256:4.3", None),
    ],
)
def test_the_version_that_an_image_names(image: str, expected: tuple[int, ...] | None) -> None:
    assert version(image) == expected


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ([], False),
        (["10.0.0.0/8", "192.0.2.0/24"], False),
        (["0.0.0.0/0"], True),
        (["::/0"], True),
        (["*"], True),
        (["0.0.0.0/1", "128.0.0.0/1"], True),
        ([f"{first}.0.0.0/8" for first in range(1, 224)], True),
        (["(address of west)/32"], False),
    ],
)
def test_who_is_everybody(ranges: list[str], expected: bool) -> None:
    assert everybody(ranges) is expected


@pytest.mark.parametrize(
    ("type_", "old", "new"),
    [
        (
            "aws:eks/cluster:Cluster",
            {"vpcConfig": {"endpointPublicAccess": True, "publicAccessCidrs": ["192.0.2.0/24"]}},
            {"vpcConfig": {"endpointPublicAccess": True}},
        ),
        (
            "azure-native:containerservice:ManagedCluster",
            {"apiServerAccessProfile": {"authorizedIPRanges": ["192.0.2.0/24"]}},
            {"apiServerAccessProfile": {"authorizedIPRanges": []}},
        ),
        (
            "gcp:container/cluster:Cluster",
            {"masterAuthorizedNetworksConfig": {"cidrBlocks": [{"cidrBlock": "192.0.2.0/24"}]}},
            {"masterAuthorizedNetworksConfig": {"cidrBlocks": [{"cidrBlock": "0.0.0.0/0"}]}},
        ),
    ],
)
def test_a_kubernetes_api_for_everybody(
    type_: str, old: dict[str, Any], new: dict[str, Any]
) -> None:
    assert "The Kubernetes API is opened to everybody" in "".join(told(type_, old, new))
    assert told(type_, new, old) == []


def test_a_balancer_that_loses_its_list_of_sources_is_open() -> None:
    """Kubernetes: without loadBalancerSourceRanges traffic from every address is allowed."""

    def service(**spec: Any) -> dict[str, Any]:
        return {"spec": {"type": "LoadBalancer", **spec}}

    found = told(
        "kubernetes:core/v1:Service",
        service(loadBalancerSourceRanges=["192.0.2.0/24"]),
        service(),
    )
    assert "opened to everybody" in found[0]


def test_a_balancer_that_moves_to_the_internet() -> None:
    def service(**annotations: str) -> dict[str, Any]:
        ranges = ["192.0.2.0/24"]
        return {
            "metadata": {"annotations": annotations},
            "spec": {"type": "LoadBalancer", "loadBalancerSourceRanges": ranges},
        }

    inside = service(**{"networking.gke.io/load-balancer-type": "Internal"})
    assert "address on the internet" in told("kubernetes:core/v1:Service", inside, service())[0]
    assert told("kubernetes:core/v1:Service", service(), inside) == []


def test_googles_subnetworks_only_grow() -> None:
    type_ = "gcp:compute/subnetwork:Subnetwork"
    small, large = {"ipCidrRange": "10.0.0.0/20"}, {"ipCidrRange": "10.0.0.0/19"}
    assert told(type_, small, large) == []
    assert "can't be changed under what stands in it" in told(type_, large, small)[0]


@pytest.mark.parametrize(
    ("type_", "old", "new", "sentence"),
    [
        (
            "kubernetes:policy/v1:PodDisruptionBudget",
            {"spec": {"maxUnavailable": 1}},
            {"spec": {"maxUnavailable": 2}},
            "drain 2 brokers at once",
        ),
        (
            "kubernetes:core/v1:Namespace",
            {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}},
            {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}}},
            "pod security restricted -> privileged",
        ),
        (
            "aws:eks/cluster:Cluster",
            {"deletionProtection": True},
            {"deletionProtection": False},
            "own protection from deletion ends",
        ),
    ],
)
def test_further_members_of_the_class(
    type_: str, old: dict[str, Any], new: dict[str, Any], sentence: str
) -> None:
    assert sentence in "".join(told(type_, old, new))
    assert told(type_, new, old) == []


def definitions(**entries: Any) -> dict[str, Any]:
    return {"stringData": {"definitions.json": entries}}


def test_a_links_address_without_verification() -> None:
    def parameter(uri: str) -> dict[str, Any]:
        value = {"uri": uri, "ack-mode": "on-confirm"}
        entry = {
            "component": "federation-upstream",
            "name": "east",
            "vhost": "v",
            "value": value,
        }
        return definitions(**{"parameters[federation-upstream v/east]": entry})

    safe = parameter("amqps://east?verify=verify_peer")
    type_ = "kubernetes:core/v1:Secret"
    assert (
        "no longer verifies" in told(type_, safe, parameter("amqps://east?verify=verify_none"))[0]
    )
    assert "no longer encrypted" in told(type_, safe, parameter("amqp://east"))[0]


def test_a_user_that_may_do_everything() -> None:
    def permission(read: str) -> dict[str, Any]:
        entry = {"user": "u", "vhost": "v", "configure": "^$", "write": "^$", "read": read}
        return definitions(**{"permissions[u in v]": entry})

    type_ = "kubernetes:core/v1:Secret"
    found = told(type_, permission("^orders$"), permission(".*"))
    assert found == ["User 'u' may read everything in vhost 'v'."]
    assert told(type_, permission(".*"), permission("^orders$")) == []
