"""The clouds' Kubernetes clusters: who reaches the API, what is encrypted, logged and kept."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource, Rule
from policies.reading import EVERYWHERE, at, maps, texts, true, unknown

EKS = "aws:eks/cluster:Cluster"
AKS = "azure-native:containerservice:ManagedCluster"
GKE = "gcp:container/cluster:Cluster"
CLUSTERS = (EKS, AKS, GKE)

_EKS_LOGS = {"api", "audit", "authenticator"}
_GKE_LOGS = {"APISERVER", "SYSTEM_COMPONENTS"}


def _endpoint(resource: Resource, _: bool) -> Iterator[str]:
    inputs = resource.inputs
    if resource.type == EKS:
        if at(inputs, "vpcConfig.endpointPublicAccess") is False:
            return
        ranges = at(inputs, "vpcConfig.publicAccessCidrs")
    elif resource.type == AKS:
        if true(at(inputs, "apiServerAccessProfile.enablePrivateCluster")):
            return
        ranges = at(inputs, "apiServerAccessProfile.authorizedIPRanges")
    else:
        if true(at(inputs, "privateClusterConfig.enablePrivateEndpoint")):
            return
        blocks = at(inputs, "masterAuthorizedNetworksConfig.cidrBlocks")
        ranges = blocks if unknown(blocks) else [str(x.get("cidrBlock")) for x in maps(blocks)]
    if unknown(ranges):
        return
    if not texts(ranges):
        yield "the Kubernetes API answers everybody: no address range is named"
    for item in texts(ranges):
        if item in EVERYWHERE:
            yield f"the Kubernetes API answers {item}"


def _secrets(resource: Resource, _: bool) -> Iterator[str]:
    inputs = resource.inputs
    if resource.type == EKS:
        encrypted = at(inputs, "encryptionConfig.provider.keyArn") is not None and (
            "secrets" in texts(at(inputs, "encryptionConfig.resources"))
        )
    elif resource.type == AKS:
        encrypted = true(at(inputs, "securityProfile.azureKeyVaultKms.enabled"))
    else:
        encrypted = at(inputs, "databaseEncryption.state") == "ENCRYPTED"
    if not encrypted:
        yield "Secrets in the cluster's store are not encrypted with a key of your own"


def _logs(resource: Resource, _: bool) -> Iterator[str]:
    if resource.type == EKS:
        missing = _EKS_LOGS - set(texts(resource.inputs.get("enabledClusterLogTypes")))
    else:
        missing = _GKE_LOGS - set(texts(at(resource.inputs, "loggingConfig.enableComponents")))
    for name in sorted(missing):
        yield f"the control plane's log '{name}' is off"


def _azure_logs(resource: Resource, _: bool) -> Iterator[str]:
    logs = maps(resource.inputs.get("logs"))
    on = {str(item.get("category")) for item in logs if true(item.get("enabled"))}
    if "kube-apiserver" not in on:
        yield "the log 'kube-apiserver' is off"
    if not on & {"kube-audit", "kube-audit-admin"}:
        yield "no audit log is on"


def _accounts(resource: Resource, _: bool) -> Iterator[str]:
    inputs = resource.inputs
    if resource.type == EKS:
        if at(inputs, "accessConfig.authenticationMode") != "API":
            yield "access is also given by a ConfigMap in the cluster, which no cloud log shows"
    elif resource.type == AKS:
        if not true(inputs.get("disableLocalAccounts")):
            yield "the shared administrator account is on"
    else:
        if true(inputs.get("enableLegacyAbac")):
            yield "legacy attribute-based access is on"
        if true(at(inputs, "masterAuth.clientCertificateConfig.issueClientCertificate")):
            yield "it hands out a client certificate that nobody can revoke"


def _workload_identity(resource: Resource, _: bool) -> Iterator[str]:
    on = (
        true(at(resource.inputs, "securityProfile.workloadIdentity.enabled"))
        if resource.type == AKS
        else at(resource.inputs, "workloadIdentityConfig.workloadPool") is not None
    )
    if not on:
        yield "pods can reach the cloud only with keys or with their node's identity"


def _deletion(resource: Resource, production: bool) -> Iterator[str]:
    if production and not true(resource.inputs.get("deletionProtection")):
        yield "the cloud would delete it at a word: deletionProtection is off"


RULES = (
    Rule(
        "cluster-api-restricted",
        "mandatory",
        "The Kubernetes API answers named address ranges only.",
        "Name the operators' and runners' ranges in the region's api.authorized.",
        CLUSTERS,
        _endpoint,
    ),
    Rule(
        "cluster-secrets-encrypted",
        "mandatory",
        "Kubernetes Secrets are encrypted with a customer key.",
        "Give the cluster the region's key for Secrets.",
        CLUSTERS,
        _secrets,
    ),
    Rule(
        "cluster-logs",
        "mandatory",
        "The control plane's API and audit logs are kept.",
        "Turn the named log on.",
        (EKS, GKE),
        _logs,
    ),
    Rule(
        "aks-logs",
        "mandatory",
        "Diagnostic settings keep the API and audit logs of AKS.",
        "Turn on kube-apiserver and kube-audit-admin.",
        ("azure-native:monitor:DiagnosticSetting",),
        _azure_logs,
    ),
    Rule(
        "cluster-no-shared-account",
        "mandatory",
        "Everybody signs in as who they are.",
        "Turn off local accounts, legacy access and client certificates.",
        CLUSTERS,
        _accounts,
    ),
    Rule(
        "cluster-workload-identity",
        "advisory",
        "Pods have identities of their own in the cloud.",
        "Turn workload identity on.",
        (AKS, GKE),
        _workload_identity,
    ),
    Rule(
        "cluster-deletion-protection",
        "mandatory",
        "In production the cloud refuses to delete a cluster.",
        "Set deletionProtection to true.",
        (EKS, GKE),
        _deletion,
    ),
)
