"""Google Cloud: every property that keeps the region safe, by value, in previews and in updates."""

from __future__ import annotations

from typing import Any

import pytest

from components.clouds import build_cloud
from components.clouds.gcp.cluster import maintenance_window
from components.clouds.gcp.node_pools import boot_disk_type
from components.settings.clouds.base import Maintenance
from tests.support.recorder import UNKNOWN, record
from tests.unit.clouds.regions import CONTEXT, settings
from tests.unit.clouds.test_every_cloud import MODES, plan

BOTH = pytest.mark.parametrize("preview", MODES)


@BOTH
def test_cluster(preview: bool) -> None:
    inputs = plan("gcp", preview).one("gcp:container/cluster:Cluster").inputs
    assert inputs["name"] == "warren-test-here"
    assert inputs["location"] == "asia-northeast1", "a regional control plane survives a zone"
    assert inputs["privateClusterConfig"] == {
        "enablePrivateNodes": True,
        "enablePrivateEndpoint": False,
        "masterIpv4CidrBlock": "10.30.255.240/28",
    }
    assert inputs["controlPlaneEndpointsConfig"] == {
        "dnsEndpointConfig": {"allowExternalTraffic": False}
    }
    assert inputs["databaseEncryption"] == {
        "state": "ENCRYPTED",
        "keyName": UNKNOWN if preview else "here-cluster-id",
    }
    assert inputs["workloadIdentityConfig"] == {"workloadPool": "example-messaging.svc.id.goog"}
    assert inputs["loggingConfig"]["enableComponents"] == [
        "SYSTEM_COMPONENTS",
        "WORKLOADS",
        "APISERVER",
        "SCHEDULER",
        "CONTROLLER_MANAGER",
    ]
    assert inputs["datapathProvider"] == "ADVANCED_DATAPATH"
    assert inputs["enableShieldedNodes"] is True
    assert inputs["enableLegacyAbac"] is False
    assert inputs["masterAuth"] == {"clientCertificateConfig": {"issueClientCertificate": False}}
    assert inputs["anonymousAuthenticationConfig"] == {"mode": "LIMITED"}
    assert inputs["rbacBindingConfig"] == {
        "enableInsecureBindingSystemAuthenticated": False,
        "enableInsecureBindingSystemUnauthenticated": False,
    }
    assert inputs["releaseChannel"] == {"channel": "STABLE"}
    assert inputs["deletionProtection"] is True
    assert inputs["addonsConfig"] == {"gcePersistentDiskCsiDriverConfig": {"enabled": True}}
    assert inputs["removeDefaultNodePool"] is True
    assert inputs["nodeLocations"] == [f"asia-northeast1-{letter}" for letter in "abc"]


@BOTH
def test_nodes(preview: bool) -> None:
    for pool in plan("gcp", preview).of("gcp:container/nodePool:NodePool"):
        node = pool.inputs["nodeConfig"]
        assert node["machineType"] == "n2-standard-4"
        assert node["shieldedInstanceConfig"] == {
            "enableSecureBoot": True,
            "enableIntegrityMonitoring": True,
        }
        assert node["workloadMetadataConfig"] == {"mode": "GKE_METADATA"}
        assert node["metadata"] == {"disable-legacy-endpoints": "true"}
        assert node["kubeletConfig"] == {"insecureKubeletReadonlyPortEnabled": "FALSE"}
        assert node["bootDiskKmsKey"] == (UNKNOWN if preview else "here-volumes-id")
        assert node["imageType"] == "COS_CONTAINERD"
        assert node["resourceLabels"] == {"project": "warren", "stack": "test", "region": "here"}
        account = "here-nodes@test.iam.gserviceaccount.com"
        assert node["serviceAccount"] == (UNKNOWN if preview else account)
        assert pool.inputs["networkConfig"] == {"enablePrivateNodes": True}
        assert pool.inputs["management"] == {"autoRepair": True, "autoUpgrade": True}
        assert pool.inputs["upgradeSettings"] == {
            "strategy": "SURGE",
            "maxSurge": 1,
            "maxUnavailable": 0,
        }


@BOTH
def test_nodes_account_may_write_logs_and_metrics_alone(preview: bool) -> None:
    recording = plan("gcp", preview)
    grant = recording.one("gcp:projects/iAMMember:IAMMember").inputs
    assert grant["role"] == "roles/container.defaultNodeServiceAccount"
    assert grant["project"] == "example-messaging"
    assert recording.of("gcp:serviceaccount/key:Key") == []
    assert (
        recording.one("gcp:serviceaccount/account:Account").inputs["accountId"]
        == "warren-test-here"
    )


@BOTH
def test_keys(preview: bool) -> None:
    recording = plan("gcp", preview)
    for key in recording.of("gcp:kms/cryptoKey:CryptoKey"):
        assert key.inputs["rotationPeriod"] == "31536000s"
        assert key.inputs["destroyScheduledDuration"] == "2592000s"
        assert key.inputs["purpose"] == "ENCRYPT_DECRYPT"
        assert key.inputs["versionTemplate"]["protectionLevel"] == "HSM"
    assert recording.one("gcp:kms/keyRing:KeyRing").inputs["location"] == "asia-northeast1"
    users = {
        item.name: (item.inputs["member"], item.inputs["role"])
        for item in recording.of("gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember")
    }
    role = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
    agents = "serviceAccount:service-998877665544@{}.iam.gserviceaccount.com"
    assert users == {
        "here-cluster": (agents.format("container-engine-robot"), role),
        "here-volumes": (agents.format("compute-system"), role),
    }
    cluster = recording.one("gcp:container/cluster:Cluster")
    before = {urn.rsplit("::", 1)[1] for urn in cluster.depends_on if "CryptoKeyIAMMember" in urn}
    assert before == {"here-cluster", "here-volumes"}


@BOTH
def test_network(preview: bool) -> None:
    recording = plan("gcp", preview)
    assert recording.one("gcp:compute/network:Network").inputs["autoCreateSubnetworks"] is False
    subnet = recording.one("gcp:compute/subnetwork:Subnetwork").inputs
    assert subnet["ipCidrRange"] == "10.30.192.0/19"
    assert subnet["privateIpGoogleAccess"] is True
    assert subnet["logConfig"]["metadata"] == "INCLUDE_ALL_METADATA"
    assert {item["rangeName"]: item["ipCidrRange"] for item in subnet["secondaryIpRanges"]} == {
        "pods": "10.30.0.0/17",
        "services": "10.30.128.0/20",
    }
    refused = recording.one("gcp:compute/firewall:Firewall").inputs
    assert refused["denies"] == [{"protocol": "all"}]
    assert refused["sourceRanges"] == ["0.0.0.0/0"]
    assert refused["direction"] == "INGRESS"
    assert "allows" not in refused
    nat = recording.one("gcp:compute/routerNat:RouterNat").inputs
    assert nat["natIpAllocateOption"] == "MANUAL_ONLY"
    assert len(nat["natIps"]) == 2
    assert nat["logConfig"]["enable"] is True
    if not preview:
        assert nat["natIps"] == ["link-here-1", "link-here-2"]
    addresses = recording.of("gcp:compute/address:Address")
    assert {item.inputs["addressType"] for item in addresses} == {"EXTERNAL"}


def test_load_balancer_passes_tcp_through() -> None:
    spec = settings("gcp").regions["here"]
    found: dict[str, Any] = {}
    record(lambda: found.update(build_cloud("here", CONTEXT, spec).service_annotations))
    assert found["cloud.google.com/l4-rbs"] == "enabled"


def test_maintenance_window_is_a_day_of_the_week() -> None:
    window = maintenance_window(Maintenance(day="Thursday", start="14:30", hours=12))
    assert window.recurrence == "FREQ=WEEKLY;BYDAY=TH"
    assert (window.start_time, window.end_time) == ("2026-01-08T14:30:00Z", "2026-01-09T02:30:00Z")


@pytest.mark.parametrize(
    ("machine", "disk"),
    [
        ("n2-standard-4", "pd-balanced"),
        ("c4-standard-4", "hyperdisk-balanced"),
        ("n4d-standard-4", "hyperdisk-balanced"),
    ],
)
def test_boot_disk_fits_the_machine(machine: str, disk: str) -> None:
    assert boot_disk_type(machine) == disk


@BOTH
def test_logs_are_kept_as_long_as_the_settings_say(preview: bool) -> None:
    recording = plan("gcp", preview)
    bucket = recording.one("gcp:logging/projectBucketConfig:ProjectBucketConfig").inputs
    assert (bucket["retentionDays"], bucket["location"]) == (90, "asia-northeast1")
    sink = recording.one("gcp:logging/projectSink:ProjectSink").inputs
    if not preview:
        assert bucket["bucketId"].startswith("warren-test-here-")
        assert sink["destination"] == "logging.googleapis.com/here-id"
        assert 'resource.labels.cluster_name="warren-test-here"' in sink["filter"]
        assert 'resource.labels.location:"asia-northeast1"' in sink["filter"]


@BOTH
def test_the_pool_that_gke_makes_and_drops_has_the_regions_key(preview: bool) -> None:
    node = plan("gcp", preview).one("gcp:container/cluster:Cluster").inputs["nodeConfig"]
    assert node["bootDiskKmsKey"] == (UNKNOWN if preview else "here-volumes-id")
