"""Cases of the rules about what the clouds make."""

from __future__ import annotations

import json

from tests.unit.policies.case import Case

EKS, AKS, GKE = (
    "aws:eks/cluster:Cluster",
    "azure-native:containerservice:ManagedCluster",
    "gcp:container/cluster:Cluster",
)
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
AGENTS, NODES = "azure-native:containerservice:AgentPool", "gcp:container/nodePool:NodePool"
NSG, FIREWALL = "azure-native:network:NetworkSecurityGroup", "gcp:compute/firewall:Firewall"
RULE = {
    "name": "x",
    "direction": "Inbound",
    "access": "Allow",
    "sourceAddressPrefix": "Internet",
    "destinationPortRanges": ["5671"],
}
TAGS = {"project": "warren", "stack": "prod", "region": "use1"}


def _policy(action: str, principal: str = "arn:aws:iam::123456789012:role/x") -> str:
    statement = {"Effect": "Allow", "Action": action, "Principal": {"AWS": principal}}
    return json.dumps({"Statement": [{**statement, "Resource": "*"}]})


CASES = [
    Case(
        "aws-security-group-closed",
        "aws:ec2/securityGroup:SecurityGroup",
        {"ingress": [{"fromPort": 5671, "toPort": 5671, "cidrBlocks": ["0.0.0.0/0"]}]},
        [("ingress.0.fromPort", 22), ("ingress.0.toPort", 5672)],
    ),
    Case(
        "azure-security-group-closed",
        NSG,
        {"securityRules": [RULE]},
        [
            ("securityRules.0.destinationPortRanges", ["5671", "15671"]),
            ("securityRules.0.destinationPortRanges", ["5000-6000"]),
        ],
    ),
    Case(
        "gcp-firewall-closed",
        FIREWALL,
        {"sourceRanges": ["0.0.0.0/0"], "allows": [{"protocol": "tcp", "ports": ["5671"]}]},
        [("allows.0.ports", ["22"]), ("allows.0.ports", None)],
    ),
    Case(
        "disk-encrypted",
        TEMPLATE,
        {"blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"encrypted": "true"}}]},
        [("blockDeviceMappings.0.ebs.encrypted", None)],
    ),
    Case(
        "disk-encrypted",
        AGENTS,
        {"enableEncryptionAtHost": True},
        [("enableEncryptionAtHost", False)],
    ),
    Case(
        "disk-encrypted",
        NODES,
        {"nodeConfig": {"bootDiskKmsKey": "k"}},
        [("nodeConfig.bootDiskKmsKey", None)],
    ),
    Case("disk-encrypted", "aws:ebs/volume:Volume", {"encrypted": True}, [("encrypted", False)]),
    Case(
        "storage-not-public",
        "azure-native:storage:StorageAccount",
        {"allowBlobPublicAccess": False},
        [("allowBlobPublicAccess", None), ("enableHttpsTrafficOnly", False)],
    ),
    Case(
        "cluster-api-restricted",
        EKS,
        {"vpcConfig": {"endpointPublicAccess": True, "publicAccessCidrs": ["203.0.113.0/26"]}},
        [("vpcConfig.publicAccessCidrs", None), ("vpcConfig.publicAccessCidrs", ["0.0.0.0/0"])],
    ),
    Case(
        "cluster-api-restricted",
        AKS,
        {"apiServerAccessProfile": {"authorizedIPRanges": ["203.0.113.0/26"]}},
        [("apiServerAccessProfile", None)],
    ),
    Case(
        "cluster-api-restricted",
        GKE,
        {"masterAuthorizedNetworksConfig": {"cidrBlocks": [{"cidrBlock": "203.0.113.0/26"}]}},
        [
            ("masterAuthorizedNetworksConfig", None),
            ("masterAuthorizedNetworksConfig.cidrBlocks.0.cidrBlock", "0.0.0.0/0"),
        ],
    ),
    Case(
        "cluster-secrets-encrypted",
        EKS,
        {"encryptionConfig": {"resources": ["secrets"], "provider": {"keyArn": "k"}}},
        [("encryptionConfig", None), ("encryptionConfig.resources", [])],
    ),
    Case(
        "cluster-secrets-encrypted",
        AKS,
        {"securityProfile": {"azureKeyVaultKms": {"enabled": True}}},
        [("securityProfile.azureKeyVaultKms.enabled", False)],
    ),
    Case(
        "cluster-secrets-encrypted",
        GKE,
        {"databaseEncryption": {"state": "ENCRYPTED"}},
        [("databaseEncryption.state", "DECRYPTED")],
    ),
    Case(
        "cluster-logs",
        EKS,
        {"enabledClusterLogTypes": ["api", "audit", "authenticator"]},
        [("enabledClusterLogTypes", ["api"]), ("enabledClusterLogTypes", None)],
    ),
    Case(
        "cluster-logs",
        GKE,
        {"loggingConfig": {"enableComponents": ["APISERVER", "SYSTEM_COMPONENTS"]}},
        [("loggingConfig", None)],
    ),
    Case(
        "aks-logs",
        "azure-native:monitor:DiagnosticSetting",
        {
            "logs": [
                {"category": "kube-apiserver", "enabled": True},
                {"category": "kube-audit", "enabled": True},
            ]
        },
        [("logs.0.enabled", False), ("logs.1.enabled", False)],
    ),
    Case(
        "cluster-no-shared-account",
        EKS,
        {"accessConfig": {"authenticationMode": "API"}},
        [("accessConfig.authenticationMode", "API_AND_CONFIG_MAP")],
    ),
    Case(
        "cluster-no-shared-account",
        AKS,
        {"disableLocalAccounts": True},
        [("disableLocalAccounts", None)],
    ),
    Case(
        "cluster-no-shared-account",
        GKE,
        {"enableLegacyAbac": False},
        [
            ("enableLegacyAbac", True),
            ("masterAuth.clientCertificateConfig.issueClientCertificate", True),
        ],
    ),
    Case(
        "cluster-workload-identity",
        GKE,
        {"workloadIdentityConfig": {"workloadPool": "p.svc.id.goog"}},
        [("workloadIdentityConfig", None)],
    ),
    Case(
        "cluster-deletion-protection",
        EKS,
        {"deletionProtection": True},
        [("deletionProtection", None)],
    ),
    Case(
        "metadata-guarded",
        TEMPLATE,
        {"metadataOptions": {"httpTokens": "required"}},
        [("metadataOptions", None), ("metadataOptions.httpTokens", "optional")],
    ),
    Case(
        "metadata-guarded",
        NODES,
        {"nodeConfig": {"workloadMetadataConfig": {"mode": "GKE_METADATA"}}},
        [("nodeConfig.workloadMetadataConfig.mode", "GCE_METADATA")],
    ),
    Case(
        "nodes-shielded",
        AGENTS,
        {"securityProfile": {"enableSecureBoot": True, "enableVTPM": True}},
        [("securityProfile.enableSecureBoot", False), ("securityProfile", None)],
    ),
    Case(
        "nodes-shielded",
        NODES,
        {
            "nodeConfig": {
                "shieldedInstanceConfig": {
                    "enableSecureBoot": True,
                    "enableIntegrityMonitoring": True,
                }
            }
        },
        [("nodeConfig.shieldedInstanceConfig.enableSecureBoot", False)],
    ),
    Case(
        "nodes-private",
        "aws:ec2/subnet:Subnet",
        {"mapPublicIpOnLaunch": False},
        [("mapPublicIpOnLaunch", True)],
    ),
    Case("nodes-private", AGENTS, {"enableNodePublicIP": False}, [("enableNodePublicIP", True)]),
    Case(
        "nodes-private",
        NODES,
        {"networkConfig": {"enablePrivateNodes": True}},
        [("networkConfig", None)],
    ),
    Case(
        "no-static-keys",
        "pulumi:providers:aws",
        {"region": "us-east-1"},
        [("accessKey", "AKIA"), ("secretKey", "x")],
    ),
    Case(
        "policy-no-wildcard",
        "aws:iam/rolePolicy:RolePolicy",
        {"policy": _policy("kms:Decrypt")},
        [("policy", _policy("*")), ("policy", _policy("s3:*")), ("policy", _policy("a:B", "*"))],
    ),
    Case(
        "policy-no-wildcard",
        "aws:kms/key:Key",
        {"policy": _policy("kms:*", "arn:aws:iam::123456789012:root")},
        [("policy", _policy("kms:*")), ("policy", _policy("kms:*", "*"))],
    ),
    Case(
        "role-narrow",
        "azure-native:authorization:RoleAssignment",
        {"roleDefinitionId": "/x/ba92f5b4-2d11-453d-a403-e96b0029c9fe"},
        [("roleDefinitionId", "/x/8e3af657-a8ff-443c-a75c-2fe8c4bcb635")],
    ),
    Case(
        "role-narrow",
        "gcp:projects/iAMMember:IAMMember",
        {"role": "roles/container.defaultNodeServiceAccount", "member": "serviceAccount:x"},
        [("role", "roles/editor"), ("member", "allUsers")],
    ),
    Case(
        "role-narrow",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        {"policyArn": "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"},
        [("policyArn", "arn:aws:iam::aws:policy/AdministratorAccess")],
    ),
    Case("tagged", EKS, {"tags": TAGS}, [("tags", None), ("tags.region", None)]),
    Case("tagged", GKE, {"resourceLabels": TAGS}, [("resourceLabels.stack", None)]),
    Case(
        "vault-guarded",
        "azure-native:keyvault:Vault",
        {"properties": {"enableRbacAuthorization": True, "enablePurgeProtection": True}},
        [("properties.enablePurgeProtection", None), ("properties.enableRbacAuthorization", False)],
    ),
    Case(
        "key-rotated", "aws:kms/key:Key", {"enableKeyRotation": True}, [("enableKeyRotation", None)]
    ),
    Case(
        "key-rotated",
        "gcp:kms/cryptoKey:CryptoKey",
        {"rotationPeriod": "31536000s", "purpose": "ENCRYPT_DECRYPT"},
        [("rotationPeriod", None)],
    ),
    Case(
        "key-rotated",
        "azure-native:keyvault:Key",
        {"properties": {"rotationPolicy": {"lifetimeActions": [{}]}}},
        [("properties.rotationPolicy", None)],
    ),
]
