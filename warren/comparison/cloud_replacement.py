"""Which changes the clouds can't make in place, for the types that warren registers.

After the providers' own rules: `ForceNew` in the Terraform providers behind pulumi-aws and pulumi-gcp,
`x-ms-mutability` and `provider/pkg/gen/replacement.go` in pulumi-azure-native. A change that is not
listed here is shown as one in place; `pulumi preview`, with credentials, has the last word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_AZURE_EVERY = (r"location", r"resourceGroupName", r"(resource|account|vault|agentPool|key)Name")

RULES: Mapping[str, tuple[str, ...]] = {
    "aws:ec2/vpc:Vpc": (r"cidrBlock",),
    "aws:ec2/subnet:Subnet": (r"cidrBlock", r"availabilityZone(Id)?", r"vpcId"),
    "aws:ec2/natGateway:NatGateway": (r"allocationId", r"connectivityType", r"subnetId"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": (r"subnetId",),
    "aws:eks/cluster:Cluster": (
        r"name",
        r"roleArn",
        r"bootstrapSelfManagedAddons",
        r"encryptionConfig\.provider\..*",
        r"kubernetesNetworkConfig\.(ipFamily|serviceIpv4Cidr)",
    ),
    "aws:eks/nodeGroup:NodeGroup": (
        r"amiType",
        r"capacityType",
        r"clusterName",
        r"diskSize",
        r"instanceTypes.*",
        r"launchTemplate\.id",
        r"nodeGroupName.*",
        r"nodeRoleArn",
        r"subnetIds.*",
    ),
    "aws:eks/accessEntry:AccessEntry": (r"clusterName", r"principalArn", r"type"),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": (r".*",),
    "aws:eks/addon:Addon": (r"addonName", r"clusterName"),
    "aws:iam/role:Role": (r"name", r"namePrefix", r"path"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (r"policyArn", r"role"),
    "aws:route53/healthCheck:HealthCheck": (r"type", r"requestInterval", r"referenceName"),
    "aws:route53/record:Record": (r"name", r"setIdentifier", r"zoneId"),
    "aws:route53/zone:Zone": (r"name",),
    "aws:cloudwatch/logGroup:LogGroup": (r"name", r"namePrefix"),
    "azure-native:authorization:RoleAssignment": (r"principalId", r"scope", r"roleDefinitionId"),
    "azure-native:containerservice:AgentPool": (r"vmSize", r"gpuInstanceProfile"),
    "azure-native:containerservice:ManagedCluster": (
        r"diskEncryptionSetID",
        r"dnsPrefix",
        r"nodeResourceGroup",
        r"networkProfile\.(serviceCidrs?.*|dnsServiceIP|networkMode|networkPlugin|networkPluginMode)",
        r"networkProfile\.(podCidr|networkDataplane|networkPolicy|outboundType)",
    ),
    "azure-native:network:PublicIPAddress": (
        r"publicIPAddressVersion",
        r"publicIPPrefix",
        r"sku.*",
    ),
    "gcp:compute/address:Address": (r"addressType", r"name", r"networkTier", r"region"),
    "gcp:compute/network:Network": (r"name", r"autoCreateSubnetworks"),
    "gcp:compute/router:Router": (r"name", r"network", r"region"),
    "gcp:compute/subnetwork:Subnetwork": (r"name", r"network", r"region"),
    "gcp:container/cluster:Cluster": (
        r"name",
        r"location",
        r"network",
        r"subnetwork",
        r"networkingMode",
        r"ipAllocationPolicy\..*",
        r"privateClusterConfig\.(enablePrivateNodes|masterIpv4CidrBlock)",
    ),
    "gcp:container/nodePool:NodePool": (
        r"cluster",
        r"location",
        r"name",
        r"nodeConfig\.(bootDiskKmsKey|localSsdCount|preemptible|serviceAccount|spot)",
        r"nodeConfig\.(shieldedInstanceConfig|metadata|oauthScopes).*",
    ),
    "gcp:kms/keyRing:KeyRing": (r"location", r"name"),
    "gcp:kms/cryptoKey:CryptoKey": (r"keyRing", r"name", r"purpose"),
    "gcp:serviceaccount/account:Account": (r"accountId", r"project"),
}


def replacing_in_clouds(type_: str, paths: Sequence[str]) -> list[str]:
    """Those of the changed paths that make a replacement of a cloud's resource."""
    patterns = RULES.get(type_, ())
    if type_.startswith("azure-native:"):
        patterns = (*patterns, *_AZURE_EVERY)
    return [path for path in paths if any(re.fullmatch(pattern, path) for pattern in patterns)]
