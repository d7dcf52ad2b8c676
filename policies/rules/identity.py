"""Identities: no lasting keys, no roles that may do everything, owners written on resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from policies.model import Resource, Rule
from policies.reading import at, document, maps, texts, true, unknown

_KEYS = {
    "aws:iam/accessKey:AccessKey",
    "aws:iam/userLoginProfile:UserLoginProfile",
    "gcp:serviceaccount/key:Key",
    "azure-native:storage:listStorageAccountKeys",
}
_WRITTEN = ("accessKey", "secretKey", "clientSecret", "credentials", "clientCertificatePassword")
_AZURE_BROAD = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
}
_GCP_BROAD = {"roles/owner", "roles/editor"}
_TAGS = ("project", "stack", "region")
_LABELLED = {
    "aws:ec2/vpc:Vpc": "tags",
    "aws:ec2/subnet:Subnet": "tags",
    "aws:ec2/eip:Eip": "tags",
    "aws:ec2/natGateway:NatGateway": "tags",
    "aws:ec2/launchTemplate:LaunchTemplate": "tags",
    "aws:eks/cluster:Cluster": "tags",
    "aws:eks/nodeGroup:NodeGroup": "tags",
    "aws:kms/key:Key": "tags",
    "aws:iam/role:Role": "tags",
    "aws:cloudwatch/logGroup:LogGroup": "tags",
    "aws:route53/zone:Zone": "tags",
    "azure-native:resources:ResourceGroup": "tags",
    "azure-native:network:VirtualNetwork": "tags",
    "azure-native:network:PublicIPAddress": "tags",
    "azure-native:network:NatGateway": "tags",
    "azure-native:keyvault:Vault": "tags",
    "azure-native:containerservice:ManagedCluster": "tags",
    "azure-native:containerservice:AgentPool": "tags",
    "azure-native:compute:DiskEncryptionSet": "tags",
    "gcp:container/cluster:Cluster": "resourceLabels",
    "gcp:compute/address:Address": "labels",
    "gcp:kms/cryptoKey:CryptoKey": "labels",
    "gcp:dns/managedZone:ManagedZone": "labels",
}


def _static(resource: Resource, _: bool) -> Iterator[str]:
    if resource.type in _KEYS:
        yield "it makes a key that is valid until somebody takes it away"
    elif resource.type.startswith("pulumi:providers:"):
        for key in _WRITTEN:
            if resource.inputs.get(key):
                yield f"the provider is given a lasting credential: {key}"


def _whole_account(resource: Resource, statement: Mapping[str, Any]) -> bool:
    """A key's policy gives the account's root everything: else nobody could ever change it."""
    principals = texts(at(dict(statement), "Principal.AWS"))
    return resource.type == "aws:kms/key:Key" and all(
        item.endswith(":root") and "*" not in item for item in principals or ["*"]
    )


def _wildcard(resource: Resource, _: bool) -> Iterator[str]:
    policies = [resource.inputs.get("policy"), resource.inputs.get("assumeRolePolicy")]
    policies += [item.get("policy") for item in maps(resource.inputs.get("inlinePolicies"))]
    for policy in policies:
        for statement in maps(document(policy).get("Statement")):
            if statement.get("Effect") != "Allow" or _whole_account(resource, statement):
                continue
            for action in texts(statement.get("Action")):
                if action == "*" or action.endswith(":*"):
                    yield f"the policy allows {action}"
            if statement.get("Principal") == "*" or "*" in texts(at(statement, "Principal.AWS")):
                yield "the policy lets in everybody: Principal is *"


def _broad_role(resource: Resource, _: bool) -> Iterator[str]:
    if resource.type.startswith("azure-native:"):
        role = str(resource.inputs.get("roleDefinitionId", "")).rsplit("/", 1)[-1]
        if role in _AZURE_BROAD:
            yield f"it gives the role {_AZURE_BROAD[role]}"
    elif resource.type.startswith("gcp:"):
        if resource.inputs.get("role") in _GCP_BROAD:
            yield f"it gives {resource.inputs['role']}"
        if resource.inputs.get("member") in {"allUsers", "allAuthenticatedUsers"}:
            yield f"it gives a role to {resource.inputs['member']}"
    elif str(resource.inputs.get("policyArn", "")).endswith(
        ("/AdministratorAccess", "/PowerUserAccess")
    ):
        yield f"it gives {str(resource.inputs['policyArn']).rsplit('/', 1)[-1]}"


def _tags(resource: Resource, _: bool) -> Iterator[str]:
    found = resource.inputs.get(_LABELLED[resource.type])
    if unknown(found):
        return
    tags = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    missing = [name for name in _TAGS if not tags.get(name)]
    if missing:
        yield f"it lacks {', '.join(missing)} among its {_LABELLED[resource.type]}"


def _vault(resource: Resource, _: bool) -> Iterator[str]:
    if not true(at(resource.inputs, "properties.enableRbacAuthorization")):
        yield "who may use its keys is decided by its own list, not by roles"
    if not true(at(resource.inputs, "properties.enablePurgeProtection")):
        yield "its keys can be destroyed at once, and every encrypted disk with them"


RULES = (
    Rule(
        "no-static-keys",
        "mandatory",
        "No lasting cloud credential is made or used.",
        "Use OIDC or workload identity; give providers no keys.",
        (*sorted(_KEYS), "pulumi:providers:"),
        _static,
    ),
    Rule(
        "policy-no-wildcard",
        "mandatory",
        "IAM policies name their actions and principals.",
        "Write out the actions that are needed.",
        (
            "aws:iam/policy:Policy",
            "aws:iam/rolePolicy:RolePolicy",
            "aws:iam/role:Role",
            "aws:kms/key:Key",
            "aws:s3/bucketPolicy:BucketPolicy",
        ),
        _wildcard,
    ),
    Rule(
        "role-narrow",
        "mandatory",
        "No identity may do everything in an account, subscription or project.",
        "Give a role made for the task.",
        (
            "azure-native:authorization:RoleAssignment",
            "gcp:projects/iAMMember:IAMMember",
            "gcp:projects/iAMBinding:IAMBinding",
            "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        ),
        _broad_role,
    ),
    Rule(
        "tagged",
        "mandatory",
        "What costs or holds something says to which project, stack and region it belongs.",
        "Pass the context's tags.",
        tuple(_LABELLED),
        _tags,
    ),
    Rule(
        "vault-guarded",
        "mandatory",
        "Key vaults are governed by roles and protected from purging.",
        "Set enableRbacAuthorization and enablePurgeProtection to true.",
        ("azure-native:keyvault:Vault",),
        _vault,
    ),
)
