"""For every rule about one resource: inputs that keep it, and inputs that break it."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from typing import Any

SET, JOB = "kubernetes:apps/v1:StatefulSet", "kubernetes:batch/v1:Job"
SERVICE, CLASS = "kubernetes:core/v1:Service", "kubernetes:storage.k8s.io/v1:StorageClass"
EKS, AKS, GKE = (
    "aws:eks/cluster:Cluster",
    "azure-native:containerservice:ManagedCluster",
    "gcp:container/cluster:Cluster",
)
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
AGENTS, NODES = "azure-native:containerservice:AgentPool", "gcp:container/nodePool:NodePool"
NSG, FIREWALL = "azure-native:network:NetworkSecurityGroup", "gcp:compute/firewall:Firewall"


@dataclass
class Case:
    """A rule, a type, inputs that keep it, and changes (path, value) each of which breaks it."""

    rule: str
    type: str
    good: dict[str, Any]
    breaks: list[tuple[str, Any]]
    stack: str = "prod"
    secrets: set[str] = field(default_factory=set[str])

    def bad(self) -> list[dict[str, Any]]:
        return [changed(self.good, path, value) for path, value in self.breaks]


def changed(inputs: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The inputs with one value put at a path, or taken away if it is None."""
    result = copy.deepcopy(inputs)
    place: Any = result
    *way, last = path.split(".")
    for key in way:
        place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
    if isinstance(place, list):
        place[int(last)] = value
    elif value is None:
        place.pop(last)
    else:
        place[last] = value
    return result


def workload(**pod: Any) -> dict[str, Any]:
    """A workload that keeps every rule."""
    container = {
        "name": "rabbitmq",
        "image": "rabbitmq:4.3.5-management",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "resources": {"requests": {"cpu": "2", "memory": "8Gi"}, "limits": {"memory": "8Gi"}},
        "env": [{"name": "HOME", "value": "/home/rabbitmq"}],
    }
    labels = {"app.kubernetes.io/component": "broker"}
    return {
        "metadata": {"name": "rabbitmq", "namespace": "rabbitmq", "labels": labels},
        "spec": {
            "replicas": 3.0,
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
                    "containers": [container],
                    "volumes": [{"name": "tmp", "emptyDir": {}}],
                    **pod,
                },
            },
            "persistentVolumeClaimRetentionPolicy": {
                "whenDeleted": "Retain",
                "whenScaled": "Retain",
            },
        },
    }


def _policy(action: str, principal: str = "arn:aws:iam::123456789012:role/x") -> str:
    statement = {"Effect": "Allow", "Action": action, "Principal": {"AWS": principal}}
    return json.dumps({"Statement": [{**statement, "Resource": "*"}]})


POD, BOX = "spec.template.spec", "spec.template.spec.containers.0"
ENTRY = {
    "spec": {
        "type": "LoadBalancer",
        "ports": [{"port": 5671.0, "targetPort": "amqps"}],
        "loadBalancerSourceRanges": ["198.51.100.0/24"],
    }
}
RULE = {
    "name": "x",
    "direction": "Inbound",
    "access": "Allow",
    "sourceAddressPrefix": "Internet",
    "destinationPortRanges": ["5671"],
}
TAGS = {"project": "warren", "stack": "prod", "region": "use1"}
EBS = {"provisioner": "ebs.csi.aws.com", "parameters": {"encrypted": "true", "kmsKeyId": "k"}}

CASES = [
    Case(
        "pod-no-privilege",
        SET,
        workload(),
        [
            (f"{BOX}.securityContext.privileged", True),
            (f"{BOX}.securityContext.allowPrivilegeEscalation", None),
        ],
    ),
    Case(
        "pod-not-root",
        JOB,
        workload(),
        [
            (f"{BOX}.securityContext.runAsNonRoot", None),
            (f"{BOX}.securityContext.runAsUser", 0),
            (f"{POD}.securityContext.runAsUser", 0.0),
        ],
    ),
    Case("pod-seccomp", SET, workload(), [(f"{POD}.securityContext.seccompProfile", None)]),
    Case(
        "pod-capabilities",
        SET,
        workload(),
        [
            (f"{BOX}.securityContext.capabilities", None),
            (f"{BOX}.securityContext.capabilities.add", ["SYS_ADMIN"]),
        ],
    ),
    Case(
        "pod-not-on-host",
        SET,
        workload(),
        [
            (f"{POD}.hostNetwork", True),
            (f"{POD}.volumes", [{"name": "x", "hostPath": {"path": "/"}}]),
        ],
    ),
    Case(
        "pod-resources",
        JOB,
        workload(),
        [(f"{BOX}.resources.limits", None), (f"{BOX}.resources.requests.cpu", None)],
    ),
    Case(
        "image-pinned",
        SET,
        workload(),
        [
            (f"{BOX}.image", "rabbitmq"),
            (f"{BOX}.image", "registry.test:5000/rabbitmq:latest"),
            (f"{BOX}.image", "rabbitmq:4.3-management"),
        ],
    ),
    Case("image-pinned", SET, workload(), [(f"{BOX}.image", "rabbitmq:latest")], stack="dev"),
    Case("odd-replicas", SET, workload(), [("spec.replicas", 4.0), ("spec.replicas", 1)]),
    Case(
        "no-secret-in-environment",
        SET,
        workload(),
        [(f"{BOX}.env", [{"name": "RABBITMQ_ERLANG_COOKIE", "value": "abc"}])],
    ),
    Case(
        "namespace-pod-security",
        "kubernetes:core/v1:Namespace",
        {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}},
        [
            ("metadata.labels", None),
            ("metadata.labels", {"pod-security.kubernetes.io/enforce": "baseline"}),
        ],
    ),
    Case(
        "secret-marked",
        "kubernetes:core/v1:Secret",
        {"stringData": {"password": "x", "ca.crt": "CERTIFICATE"}},
        [("data", {"key": "eA=="}), ("data", {"tls.crt": "-----BEGIN PRIVATE KEY-----"})],
        secrets={"stringData.password"},
    ),
    Case(
        "no-secret-in-configmap",
        "kubernetes:core/v1:ConfigMap",
        {"data": {"rabbitmq.conf": "heartbeat = 30"}},
        [("data", {"x": '{"password_hash": "abc"}'})],
    ),
    Case(
        "role-no-wildcard",
        "kubernetes:rbac.authorization.k8s.io/v1:Role",
        {"rules": [{"verbs": ["get"], "resources": ["endpoints"], "apiGroups": [""]}]},
        [("rules.0.verbs", ["*"]), ("rules.0.resources", ["pods", "*"])],
    ),
    Case(
        "port-not-public",
        SERVICE,
        ENTRY,
        [
            ("spec.ports", [{"port": 15672, "targetPort": 15672}]),
            ("spec.ports", [{"port": 5672.0}]),
            ("spec.ports", [{"port": 443, "targetPort": "management"}]),
        ],
    ),
    Case(
        "sources-named",
        SERVICE,
        ENTRY,
        [
            ("spec.loadBalancerSourceRanges", None),
            ("spec.loadBalancerSourceRanges", ["0.0.0.0/0"]),
        ],
    ),
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
        "storage-class-encrypted",
        CLASS,
        EBS,
        [
            ("parameters.encrypted", "false"),
            ("parameters.kmsKeyId", None),
            ("provisioner", "disk.csi.azure.com"),
            ("provisioner", "pd.csi.storage.gke.io"),
        ],
    ),
    Case("storage-class-csi", CLASS, EBS, [("provisioner", "kubernetes.io/aws-ebs")]),
    Case(
        "storage-class-binding",
        CLASS,
        {"volumeBindingMode": "WaitForFirstConsumer"},
        [("volumeBindingMode", None), ("volumeBindingMode", "Immediate")],
    ),
    Case(
        "storage-class-retain",
        CLASS,
        {"reclaimPolicy": "Retain"},
        [("reclaimPolicy", None), ("reclaimPolicy", "Delete")],
    ),
    Case(
        "claims-retained",
        SET,
        workload(),
        [("spec.persistentVolumeClaimRetentionPolicy.whenDeleted", "Delete")],
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
    Case(
        "certificate-lifetime",
        "tls:index/locallySignedCert:LocallySignedCert",
        {"validityPeriodHours": 8760.0, "earlyRenewalHours": 2160.0},
        [("validityPeriodHours", 87600), ("earlyRenewalHours", None)],
    ),
    Case(
        "private-key-strong",
        "tls:index/privateKey:PrivateKey",
        {"algorithm": "ECDSA"},
        [("algorithm", "RSA")],
    ),
]
