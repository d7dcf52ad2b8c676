"""Azure: every property that keeps the region safe, by value, in previews and in updates."""

from __future__ import annotations

from typing import Any

import pytest

from components.clouds import build_cloud
from components.clouds.azure.cluster import certificate_authority, workspace_retention
from components.clouds.azure.load_balancer import service_annotations
from components.clouds.azure.names import (
    KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER,
    KEY_VAULT_CRYPTO_USER,
    NETWORK_CONTRIBUTOR,
    READER,
    STORAGE_BLOB_DATA_CONTRIBUTOR,
    environment,
    global_name,
    kubelogin_environment,
    suffixed_name,
)
from tests.support.recorder import UNKNOWN, record
from tests.unit.clouds.regions import CONTEXT, settings
from tests.unit.clouds.test_every_cloud import MODES, plan

BOTH = pytest.mark.parametrize("preview", MODES)
TENANT = "00000000-0000-4000-8000-000000000002"
VERSIONED = "https://vault.test/keys/here-cluster/1"


@BOTH
def test_cluster(preview: bool) -> None:
    inputs = plan("azure", preview).one("azure-native:containerservice:ManagedCluster").inputs
    assert inputs["resourceName"] == "warren-test-here"
    assert inputs["kubernetesVersion"] == "1.36"
    assert inputs["sku"] == {"name": "Base", "tier": "Standard"}
    assert inputs["disableLocalAccounts"] is True
    assert inputs["enableRBAC"] is True
    assert inputs["aadProfile"] == {
        "managed": True,
        "enableAzureRBAC": True,
        "tenantID": TENANT,
        "adminGroupObjectIDs": ["00000000-0000-4000-8000-000000000003"],
    }
    assert inputs["apiServerAccessProfile"]["disableRunCommand"] is True
    assert inputs["oidcIssuerProfile"] == {"enabled": True}
    security = inputs["securityProfile"]
    assert security["workloadIdentity"] == {"enabled": True}
    assert security["azureKeyVaultKms"] == {
        "enabled": True,
        "keyId": UNKNOWN if preview else VERSIONED,
        "keyVaultNetworkAccess": "Public",
    }
    assert inputs["diskEncryptionSetID"] == (UNKNOWN if preview else "here-id")
    assert inputs["identity"]["type"] == "UserAssigned"
    assert inputs["storageProfile"]["diskCSIDriver"] == {"enabled": True}
    assert inputs["autoUpgradeProfile"] == {
        "upgradeChannel": "patch",
        "nodeOSUpgradeChannel": "NodeImage",
    }
    network = inputs["networkProfile"]
    assert network["networkPolicy"] == network["networkDataplane"] == "cilium"
    assert network["outboundType"] == "userAssignedNATGateway"
    assert (network["serviceCidr"], network["dnsServiceIP"]) == ("172.20.0.0/16", "172.20.0.10")
    assert network["podCidr"] == "172.21.0.0/16"


@BOTH
def test_nodes(preview: bool) -> None:
    recording = plan("azure", preview)
    cluster = recording.one("azure-native:containerservice:ManagedCluster").inputs
    (system,) = cluster["agentPoolProfiles"]
    assert system["nodeTaints"] == ["CriticalAddonsOnly=true:NoSchedule"]
    pools = [item.inputs for item in recording.of("azure-native:containerservice:AgentPool")]
    for pool in (system, *pools):
        assert pool["enableEncryptionAtHost"] is True
        assert pool["enableNodePublicIP"] is False
        assert pool["securityProfile"] == {
            "enableSecureBoot": True,
            "enableVTPM": True,
            "sshAccess": "Disabled",
        }
        assert pool["upgradeSettings"]["maxUnavailable"] == "0"
    for number, pool in enumerate(pools, start=1):
        assert pool["vmSize"] == "Standard_D4s_v5"
        assert pool["mode"] == "System", "AKS' pods must survive the loss of any zone"
        assert pool["agentPoolName"] == f"zone{number}"
        if not preview:
            assert pool["vnetSubnetID"] == f"here-{number}-id"


@BOTH
def test_keys(preview: bool) -> None:
    recording = plan("azure", preview)
    vaults = {item.name: item.inputs for item in recording.of("azure-native:keyvault:Vault")}
    for vault in vaults.values():
        properties = vault["properties"]
        assert properties["enablePurgeProtection"] is True
        assert properties["enableSoftDelete"] is True
        assert properties["softDeleteRetentionInDays"] == 90
        assert properties["enableRbacAuthorization"] is True
        assert properties["tenantId"] == TENANT
        assert vault["vaultName"] == UNKNOWN if preview else len(vault["vaultName"]) == 24
    assert vaults["here-volumes"]["properties"]["networkAcls"] == {
        "bypass": "AzureServices",
        "defaultAction": "Deny",
    }
    if not preview:
        assert len({vault["vaultName"] for vault in vaults.values()}) == 2
    for key in recording.of("azure-native:keyvault:Key"):
        properties = key.inputs["properties"]
        assert (properties["kty"], properties["keySize"]) == ("RSA-HSM", 3072)
        assert properties["attributes"] == {"enabled": True, "exportable": False}
        (action,) = properties["rotationPolicy"]["lifetimeActions"]
        assert action == {"action": {"type": "rotate"}, "trigger": {"timeAfterCreate": "P365D"}}
    disks = recording.one("azure-native:compute:DiskEncryptionSet")
    assert disks.inputs["rotationToLatestKeyVersionEnabled"] is True
    assert disks.inputs["encryptionType"] == "EncryptionAtRestWithCustomerKey"
    assert disks.protect
    assert disks.ignored == ("activeKey.keyUrl",)


def test_rights_are_given_on_one_resource_each() -> None:
    recording = plan("azure", False)
    grants = {
        item.name: (
            item.inputs["principalId"].removesuffix("-principal"),
            item.inputs["roleDefinitionId"].rsplit("/", 1)[1],
            item.inputs["scope"],
        )
        for item in recording.of("azure-native:authorization:RoleAssignment")
    }
    control_plane = "here-control-plane"
    assert grants == {
        "here-cluster-key": (control_plane, KEY_VAULT_CRYPTO_USER, "here-cluster-id"),
        "here-volumes-key": (
            "here-disks",
            KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER,
            "here-volumes-id",
        ),
        "here-disks": (control_plane, READER, "here-id"),
        "here-1-subnet": (control_plane, NETWORK_CONTRIBUTOR, "here-1-id"),
        "here-2-subnet": (control_plane, NETWORK_CONTRIBUTOR, "here-2-id"),
        "here-3-subnet": (control_plane, NETWORK_CONTRIBUTOR, "here-3-id"),
        "here-entry": (control_plane, NETWORK_CONTRIBUTOR, "here-entry-id"),
        "here-flow": ("here-flow-logs", STORAGE_BLOB_DATA_CONTRIBUTOR, "here-flow-id"),
    }


@BOTH
def test_cluster_waits_for_its_rights(preview: bool) -> None:
    cluster = plan("azure", preview).one("azure-native:containerservice:ManagedCluster")
    before = {urn.rsplit("::", 1)[1] for urn in cluster.depends_on}
    assert {"here-cluster-key", "here-disks", "here-1-subnet", "here-3-subnet"} <= before


@BOTH
def test_network(preview: bool) -> None:
    recording = plan("azure", preview)
    addresses = recording.of("azure-native:network:PublicIPAddress")
    assert [item.inputs["zones"] for item in addresses] == [["1"], ["2"], ["3"], ["1", "2", "3"]]
    for item in addresses:
        assert item.inputs["publicIPAllocationMethod"] == "Static"
        assert item.inputs["sku"] == {"name": "Standard", "tier": "Regional"}
    gateways = recording.of("azure-native:network:NatGateway")
    assert [item.inputs["zones"] for item in gateways] == [["1"], ["2"], ["3"]]
    subnets = recording.of("azure-native:network:Subnet")
    assert [item.inputs["addressPrefix"] for item in subnets] == [
        "10.20.0.0/18",
        "10.20.64.0/18",
        "10.20.128.0/18",
    ]
    for item in subnets:
        assert item.inputs["defaultOutboundAccess"] is False
        assert "natGateway" in item.inputs
        assert "networkSecurityGroup" in item.inputs


@BOTH
def test_only_the_brokers_port_is_open_to_the_internet(preview: bool) -> None:
    rules = (
        plan("azure", preview)
        .one("azure-native:network:NetworkSecurityGroup")
        .inputs["securityRules"]
    )
    allowed, probes, denied = rules
    assert (probes["access"], probes["sourceAddressPrefix"]) == ("Allow", "AzureLoadBalancer")
    assert probes["priority"] < denied["priority"]
    assert allowed["access"] == "Allow"
    assert allowed["protocol"] == "Tcp"
    assert allowed["destinationPortRanges"] == ["5671"]
    assert denied["access"] == "Deny"
    assert denied["protocol"] == denied["destinationPortRange"] == "*"
    assert denied["sourceAddressPrefix"] == "Internet"
    assert allowed["priority"] < denied["priority"]


@BOTH
def test_logs(preview: bool) -> None:
    recording = plan("azure", preview)
    account = recording.one("azure-native:storage:StorageAccount").inputs
    assert account["minimumTlsVersion"] == "TLS1_2"
    assert account["enableHttpsTrafficOnly"] is True
    assert account["allowBlobPublicAccess"] is False
    assert account["allowSharedKeyAccess"] is False
    assert account["networkRuleSet"] == {"bypass": "AzureServices", "defaultAction": "Deny"}
    flow = recording.one("azure-native:network:FlowLog").inputs
    assert flow["enabled"] is True
    assert flow["storageId"] == (UNKNOWN if preview else "here-flow-id")
    assert flow["targetResourceId"] == (UNKNOWN if preview else "here-id")
    assert flow["networkWatcherName"] == "NetworkWatcher_westeurope"
    assert flow["retentionPolicy"] == {"enabled": True, "days": 90}
    assert (
        recording.one("azure-native:operationalinsights:Workspace").inputs["retentionInDays"] == 90
    )
    setting = recording.one("azure-native:monitor:DiagnosticSetting").inputs
    assert setting["resourceUri"] == (UNKNOWN if preview else "here-id")
    assert setting["workspaceId"] == (UNKNOWN if preview else "here-id")
    logs = setting["logs"]
    assert {item["category"] for item in logs} == {
        "kube-apiserver",
        "kube-audit-admin",
        "kube-controller-manager",
        "kube-scheduler",
        "cloud-controller-manager",
        "guard",
    }
    assert all(item["enabled"] for item in logs)


@BOTH
def test_upgrades_keep_to_the_window(preview: bool) -> None:
    windows = plan("azure", preview).of("azure-native:containerservice:MaintenanceConfiguration")
    assert {item.inputs["configName"] for item in windows} == {
        "aksManagedAutoUpgradeSchedule",
        "aksManagedNodeOSUpgradeSchedule",
    }
    for item in windows:
        window = item.inputs["maintenanceWindow"]
        assert window["schedule"] == {"weekly": {"dayOfWeek": "Sunday", "intervalWeeks": 1}}
        assert (window["startTime"], window["durationHours"]) == ("00:00", 12)


def test_load_balancer_passes_tcp_through() -> None:
    spec = settings("azure").regions["here"]
    found: dict[str, Any] = {}
    record(lambda: found.update(build_cloud("here", CONTEXT, spec).service_annotations))
    prefix = "service.beta.kubernetes.io/azure-"
    assert found[f"{prefix}load-balancer-tcp-idle-timeout"] == "30"
    tags = CONTEXT.tags("here")
    own = service_annotations(tags, None)
    assert own[f"{prefix}pip-tags"] == "project=warren,region=here,stack=test"


def test_world_wide_names() -> None:
    name = global_name("warrenc", "subscription", "warren", "prod", "weu")
    assert len(name) == 24
    assert name.isalnum()
    assert name != global_name("warrenc", "another", "warren", "prod", "weu")


@pytest.mark.parametrize(
    ("location", "cloud"),
    [("westeurope", "public"), ("chinanorth3", "china"), ("usgovvirginia", "usgovernment")],
)
def test_environment(location: str, cloud: str) -> None:
    assert environment(location) == cloud


@BOTH
def test_no_version_of_the_clusters_key_expires(preview: bool) -> None:
    """AKS names one version of it for good; the disk encryption set moves on by itself."""
    policies = {
        key.name: key.inputs["properties"]["rotationPolicy"]
        for key in plan("azure", preview).of("azure-native:keyvault:Key")
    }
    assert "attributes" not in policies["here-cluster"]
    assert policies["here-volumes"]["attributes"] == {"expiryTime": "P2Y"}


def test_a_region_that_comes_back_gets_vaults_of_another_name() -> None:
    """A deleted vault's name stays taken for 90 days, and purge protection keeps it so."""
    owner = ("subscription", "warren", "prod", "weu")
    names = [suffixed_name(suffix, "warrenc", *owner) for suffix in ("a1b2c3", "d4e5f6")]
    assert names[0] != names[1]
    assert all(len(name) == 24 and name.isalnum() for name in names)
    recording = plan("azure", False)
    suffix = recording.one("random:index/randomString:RandomString").inputs
    assert (suffix["special"], suffix["upper"]) == (False, False)
    vaults = recording.of("azure-native:keyvault:Vault")
    assert len({vault.inputs["vaultName"][-6:] for vault in vaults}) == 1


@pytest.mark.parametrize(("days", "kept"), [(1, 30), (90, 90), (730, 730), (731, 730)])
def test_workspaces_keep_what_they_can(days: int, kept: int) -> None:
    assert workspace_retention(days) == kept


@pytest.mark.parametrize(
    ("location", "called"),
    [
        ("westeurope", "AzurePublicCloud"),
        ("chinanorth3", "AzureChinaCloud"),
        ("usgovvirginia", "AzureUSGovernmentCloud"),
    ],
)
def test_kubelogin_asks_the_regions_own_cloud(location: str, called: str) -> None:
    assert kubelogin_environment(location) == called


def test_certificate_authority_of_no_credentials_is_empty() -> None:
    assert certificate_authority("") == ""
