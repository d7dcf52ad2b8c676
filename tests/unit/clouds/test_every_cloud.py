"""What holds on each of the three clouds, in previews and in updates."""

from __future__ import annotations

import importlib
import inspect
import json
import subprocess
import sys
from functools import cache
from typing import Any

import pulumi
import pytest

from components.clouds import Cloud, build_cloud
from tests.support.recorder import UNKNOWN, Recorded, Recording, record
from tests.unit.clouds.regions import CLOUDS, CONTEXT, OPERATORS, SDKS, region, settings, values

MODES = [pytest.param(True, id="preview"), pytest.param(False, id="update")]
PACKAGES = {"aws": "aws", "azure": "azure-native", "gcp": "gcp"}
TAGS = {"project": "warren", "stack": "test", "region": "here"}

KEYS = {
    "aws": ["aws:kms/key:Key"],
    "azure": ["azure-native:keyvault:Vault", "azure-native:keyvault:Key"],
    "gcp": ["gcp:kms/keyRing:KeyRing", "gcp:kms/cryptoKey:CryptoKey"],
}
CLUSTERS = {
    "aws": "aws:eks/cluster:Cluster",
    "azure": "azure-native:containerservice:ManagedCluster",
    "gcp": "gcp:container/cluster:Cluster",
}
POOLS = {
    "aws": "aws:eks/nodeGroup:NodeGroup",
    "azure": "azure-native:containerservice:AgentPool",
    "gcp": "gcp:container/nodePool:NodePool",
}


@cache
def plan(cloud: str, preview: bool, *, protect: bool = True) -> Recording:
    spec = settings(cloud, protect=protect).regions["here"]
    return record(lambda: build_cloud("here", CONTEXT, spec), preview=preview)


def built(cloud: str, **changes: Any) -> tuple[Cloud, dict[str, Any]]:
    """The component of an update, and its outputs' values."""
    spec = settings(cloud, **changes).regions["here"]
    found: list[Any] = []

    def program() -> None:
        made = build_cloud("here", CONTEXT, spec)
        found.append(made)
        pulumi.Output.all(
            egress=pulumi.Output.all(*made.egress),
            kubeconfig=made.kubeconfig,
            storage_class=made.storage_class,
            annotations=pulumi.Output.from_input(dict(made.service_annotations)),
        ).apply(found.append)

    record(program)
    return found[0], found[1]


def of_cloud(recording: Recording, cloud: str) -> list[Recorded]:
    return [item for item in recording.custom() if item.type.startswith(PACKAGES[cloud] + ":")]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_gives_what_the_rest_of_the_program_needs(cloud: str) -> None:
    made, outputs = built(cloud)
    assert isinstance(made, pulumi.ComponentResource)
    assert made.kube_context == "warren-test-here"
    assert outputs["storage_class"] == "warren-brokers"
    assert len(set(outputs["egress"])) == {"aws": 3, "azure": 3, "gcp": 2}[cloud]
    assert all(address.endswith("/32") for address in outputs["egress"])
    assert all(isinstance(value, str) for value in outputs["annotations"].values())


@pytest.mark.parametrize("preview", MODES)
@pytest.mark.parametrize("cloud", CLOUDS)
def test_every_resource_has_the_regions_own_provider(cloud: str, preview: bool) -> None:
    recording = plan(cloud, preview)
    assert len(of_cloud(recording, cloud)) > 10
    for item in recording.custom():
        if item.type.startswith("random:"):
            continue  # made in the program's state, in no account
        assert item.provider_name == "here", f"{item.type} {item.name}: {item.provider!r}"
        package = item.type.split(":")[0]
        assert f"pulumi:providers:{package}::" in item.provider


@pytest.mark.parametrize("cloud", CLOUDS)
def test_providers_say_where_and_carry_no_credential(cloud: str) -> None:
    inputs = plan(cloud, False).one(f"pulumi:providers:{PACKAGES[cloud]}").inputs
    given = {key: value for key, value in inputs.items() if value is not None}
    expected: dict[str, dict[str, object]] = {
        "aws": {"region": "us-east-1", "allowedAccountIds": ["123456789012"]},
        "azure": {
            "subscriptionId": "00000000-0000-4000-8000-000000000001",
            "tenantId": "00000000-0000-4000-8000-000000000002",
            "location": "westeurope",
            "environment": "public",
        },
        "gcp": {"project": "example-messaging", "region": "asia-northeast1"},
    }
    if cloud == "aws":
        given["allowedAccountIds"] = json.loads(given["allowedAccountIds"])
        # The SDK's own defaults, none of them a credential.
        given = {key: value for key, value in given.items() if not key.startswith("skip")}
    assert given == expected[cloud]


def taggable(type_: str) -> str | None:
    """Which argument of the SDK's class takes tags or labels."""
    package, module, name = type_.split(":")
    sdk = {"aws": "pulumi_aws", "azure-native": "pulumi_azure_native", "gcp": "pulumi_gcp"}[package]
    kind: Any = getattr(importlib.import_module(f"{sdk}.{module.split('/')[0]}"), name)
    arguments = inspect.signature(kind._internal_init).parameters
    for candidate, key in (
        ("resource_labels", "resourceLabels"),
        ("labels", "labels") if package == "gcp" else ("tags", "tags"),
        ("metadata", "metadata") if type_.endswith("dns:RecordSet") else ("tags", "tags"),
    ):
        if candidate in arguments and not (package == "gcp" and candidate == "tags"):
            return key
    return None


@pytest.mark.parametrize("preview", MODES)
@pytest.mark.parametrize("cloud", CLOUDS)
def test_everything_that_can_be_tagged_is(cloud: str, preview: bool) -> None:
    checked = 0
    for item in of_cloud(plan(cloud, preview), cloud):
        key = taggable(item.type)
        if key is None:
            continue
        checked += 1
        given = item.inputs.get(key) or {}
        assert TAGS.items() <= given.items(), f"{item.type} {item.name}: {given}"
    assert checked >= 5


@pytest.mark.parametrize("preview", MODES)
@pytest.mark.parametrize("cloud", CLOUDS)
def test_what_holds_messages_is_protected(cloud: str, preview: bool) -> None:
    recording = plan(cloud, preview)
    assert recording.one(CLUSTERS[cloud]).protect
    for type_ in KEYS[cloud]:
        assert recording.of(type_)
        for item in recording.of(type_):
            assert item.protect
            assert item.retain, f"{item.name} goes with the region, and the messages with it"


@pytest.mark.parametrize("cloud", CLOUDS)
def test_protection_can_be_taken_off(cloud: str) -> None:
    recording = plan(cloud, False, protect=False)
    assert [item.urn for item in recording.resources if item.protect or item.retain] == []
    inputs = recording.one(CLUSTERS[cloud]).inputs
    assert inputs.get("deletionProtection") in ({"azure": None}.get(cloud, False),)


@pytest.mark.parametrize("preview", MODES)
@pytest.mark.parametrize("cloud", CLOUDS)
def test_one_pool_of_nodes_in_each_zone(cloud: str, preview: bool) -> None:
    pools = plan(cloud, preview).of(POOLS[cloud])
    assert [pool.name for pool in pools] == ["here-1", "here-2", "here-3"]
    if cloud == "azure":
        assert [pool.inputs["availabilityZones"] for pool in pools] == [["1"], ["2"], ["3"]]
        assert [pool.inputs["count"] for pool in pools] == [1, 1, 1]
    if cloud == "gcp":
        zones = [pool.inputs["nodeLocations"] for pool in pools]
        assert zones == [[f"asia-northeast1-{letter}"] for letter in "abc"]
        assert [pool.inputs["nodeCount"] for pool in pools] == [1, 1, 1]
    if cloud == "aws":
        assert [pool.inputs["scalingConfig"]["desiredSize"] for pool in pools] == [1, 1, 1]
        subnets = [pool.inputs["subnetIds"] for pool in pools]
        if not preview:
            assert subnets == [[f"here-{zone}-private-id"] for zone in (1, 2, 3)]


STORAGE: dict[str, tuple[str, dict[str, str]]] = {
    "aws": (
        "ebs.csi.aws.com",
        {"type": "gp3", "iops": "3000", "throughput": "125", "encrypted": "true"},
    ),
    "azure": (
        "disk.csi.azure.com",
        {"skuName": "Premium_LRS", "cachingMode": "None", "networkAccessPolicy": "DenyAll"},
    ),
    "gcp": ("pd.csi.storage.gke.io", {"type": "pd-ssd"}),
}
DISK_KEYS = {
    "aws": ("kmsKeyId", "arn:aws:kms:::here-volumes"),
    "azure": ("diskEncryptionSetID", "here-id"),
    "gcp": ("disk-encryption-kms-key", "here-volumes-id"),
}


@pytest.mark.parametrize("preview", MODES)
@pytest.mark.parametrize("cloud", CLOUDS)
def test_storage_class(cloud: str, preview: bool) -> None:
    inputs = plan(cloud, preview).one("kubernetes:storage.k8s.io/v1:StorageClass").inputs
    provisioner, parameters = STORAGE[cloud]
    assert inputs["provisioner"] == provisioner
    assert inputs["reclaimPolicy"] == "Retain"
    assert inputs["volumeBindingMode"] == "WaitForFirstConsumer"
    assert inputs["allowVolumeExpansion"] is True
    assert parameters.items() <= inputs["parameters"].items()
    name, key = DISK_KEYS[cloud]
    assert inputs["parameters"][name] == (UNKNOWN if preview else key)
    assert any("project=warren" in value for value in inputs["parameters"].values())


@pytest.mark.parametrize("cloud", CLOUDS)
def test_kubeconfig_holds_no_credential(cloud: str) -> None:
    _, outputs = built(cloud)
    document = json.loads(outputs["kubeconfig"])
    user = document["users"][0]["user"]
    assert list(user) == ["exec"]
    assert (
        user["exec"]["command"]
        == {
            "aws": "aws",
            "azure": "kubelogin",
            "gcp": "gke-gcloud-auth-plugin",
        }[cloud]
    )
    assert document["clusters"][0]["cluster"]["server"].startswith("https://")
    assert document["clusters"][0]["cluster"]["certificate-authority-data"] == "Q0E="
    assert document["current-context"] == document["contexts"][0]["name"] == "warren-test-here"
    assert "token" not in json.dumps(user["exec"]).replace("get-token", "")


@pytest.mark.parametrize("preview", MODES)
@pytest.mark.parametrize("cloud", CLOUDS)
def test_kubernetes_provider_is_stable_and_secret(cloud: str, preview: bool) -> None:
    provider = plan(cloud, preview).one("pulumi:providers:kubernetes")
    assert provider.inputs["clusterIdentifier"] == "warren-test-here"
    assert provider.inputs["context"] == "warren-test-here"
    assert provider.depends_on, "objects must wait until nodes and access are there"
    if not preview:
        assert "kubeconfig" in provider.secrets


@pytest.mark.parametrize("preview", MODES)
@pytest.mark.parametrize("cloud", CLOUDS)
def test_operators_alone_reach_the_api(cloud: str, preview: bool) -> None:
    inputs = plan(cloud, preview).one(CLUSTERS[cloud]).inputs
    if cloud == "aws":
        assert inputs["vpcConfig"]["publicAccessCidrs"] == [OPERATORS]
        assert inputs["vpcConfig"]["endpointPrivateAccess"] is True
    elif cloud == "azure":
        ranges = inputs["apiServerAccessProfile"]["authorizedIPRanges"]
        assert ranges[0] == OPERATORS
        assert len(ranges) == 4, "the operators, and the nodes' own three addresses"
    else:
        config = inputs["masterAuthorizedNetworksConfig"]
        assert [block["cidrBlock"] for block in config["cidrBlocks"]] == [OPERATORS]
        assert config["gcpPublicCidrsAccessEnabled"] is False
        assert config["privateEndpointEnforcementEnabled"] is True


@pytest.mark.parametrize("cloud", CLOUDS)
def test_api_without_a_public_address(cloud: str) -> None:
    spec = settings(cloud, api={"public": False}).regions["here"]
    recording = record(lambda: build_cloud("here", CONTEXT, spec))
    inputs = recording.one(CLUSTERS[cloud]).inputs
    if cloud == "aws":
        (rule,) = recording.of("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        assert rule.inputs["securityGroupId"] == "sg-here"
        assert rule.inputs["cidrIpv4"] == OPERATORS
        assert (rule.inputs["ipProtocol"], rule.inputs["fromPort"], rule.inputs["toPort"]) == (
            "tcp",
            443,
            443,
        )
        assert inputs["vpcConfig"]["endpointPublicAccess"] is False
        assert "publicAccessCidrs" not in inputs["vpcConfig"]
    elif cloud == "azure":
        assert inputs["apiServerAccessProfile"]["enablePrivateCluster"] is True
        assert inputs["apiServerAccessProfile"]["enablePrivateClusterPublicFQDN"] is False
        assert "authorizedIPRanges" not in inputs["apiServerAccessProfile"]
    else:
        assert inputs["privateClusterConfig"]["enablePrivateEndpoint"] is True


LOADED = """
import json, sys
from components.settings import parse
from components.clouds import build_cloud
from tests.support.recorder import record
from tests.unit.clouds.regions import CONTEXT
spec = parse(json.loads(sys.argv[1])).regions["here"]
record(lambda: build_cloud("here", CONTEXT, spec))
print(json.dumps([name for name in ("pulumi_aws", "pulumi_azure_native", "pulumi_gcp")
                  if name in sys.modules]))
"""


@pytest.mark.parametrize("cloud", [*CLOUDS, "existing"])
def test_only_the_clouds_own_sdk_is_imported(cloud: str) -> None:
    stack = json.dumps(values({"here": region(cloud)}))
    result = subprocess.run(
        [sys.executable, "-c", LOADED, stack],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert json.loads(result.stdout) == [SDKS[name] for name in SDKS if name == cloud]
