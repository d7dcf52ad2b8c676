"""docs/clouds.md against what the program registers: permissions on AWS, APIs on Google Cloud."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, cast

from components.clouds import build_cloud
from tests.support.recorder import Recording, record
from tests.unit.clouds.cloudformation import permissions, schemas
from tests.unit.clouds.regions import CONTEXT, settings
from tests.unit.clouds.stacks import ROOT
from tests.unit.clouds.test_every_cloud import plan
from tests.unit.clouds.test_naming import HOSTS, names, stack

KINDS: dict[str, tuple[str, ...]] = {
    "aws:cloudwatch/logGroup:LogGroup": ("AWS::Logs::LogGroup",),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ("AWS::EC2::SecurityGroup",),
    "aws:ec2/eip:Eip": ("AWS::EC2::EIP",),
    "aws:ec2/flowLog:FlowLog": ("AWS::EC2::FlowLog",),
    "aws:ec2/internetGateway:InternetGateway": (
        "AWS::EC2::InternetGateway",
        "AWS::EC2::VPCGatewayAttachment",
    ),
    "aws:ec2/launchTemplate:LaunchTemplate": ("AWS::EC2::LaunchTemplate",),
    "aws:ec2/natGateway:NatGateway": ("AWS::EC2::NatGateway",),
    "aws:ec2/routeTable:RouteTable": ("AWS::EC2::RouteTable", "AWS::EC2::Route"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": (
        "AWS::EC2::SubnetRouteTableAssociation",
    ),
    "aws:ec2/subnet:Subnet": ("AWS::EC2::Subnet",),
    "aws:ec2/vpc:Vpc": ("AWS::EC2::VPC",),
    "aws:eks/accessEntry:AccessEntry": ("AWS::EKS::AccessEntry",),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": ("AWS::EKS::AccessEntry",),
    "aws:eks/addon:Addon": ("AWS::EKS::Addon", "AWS::EKS::PodIdentityAssociation"),
    "aws:eks/cluster:Cluster": ("AWS::EKS::Cluster",),
    "aws:eks/nodeGroup:NodeGroup": ("AWS::EKS::Nodegroup",),
    "aws:iam/role:Role": ("AWS::IAM::Role",),
    "aws:iam/rolePolicy:RolePolicy": ("AWS::IAM::RolePolicy",),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ("AWS::IAM::Role",),
    "aws:kms/key:Key": ("AWS::KMS::Key",),
    "aws:route53/healthCheck:HealthCheck": ("AWS::Route53::HealthCheck",),
    "aws:route53/record:Record": ("AWS::Route53::RecordSet",),
    "aws:route53/zone:Zone": ("AWS::Route53::HostedZone",),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": (
        "AWS::EC2::SecurityGroupIngress",
    ),
}
"""CloudFormation's name for each type that a stack registers on AWS."""

NOT_USED = {
    "addresses of private NAT and more of one gateway": (
        "ec2:AcceptAddressTransfer",
        "ec2:AssignPrivateNatGatewayAddress",
        "ec2:AssociateAddress",
        "ec2:AssociateNatGatewayAddress",
        "ec2:DisassociateNatGatewayAddress",
        "ec2:UnassignPrivateNatGatewayAddress",
    ),
    "IPv6, VPN gateways, tenancy and the VPC's encryption control": (
        "ec2:AssociateSubnetCidrBlock",
        "ec2:AttachVpnGateway",
        "ec2:CreateVpcEncryptionControl",
        "ec2:DetachVpnGateway",
        "ec2:DisassociateSubnetCidrBlock",
        "ec2:ModifyVpcTenancy",
    ),
    "a VPC's default group can be neither made nor deleted": (
        "ec2:CreateSecurityGroup",
        "ec2:DeleteSecurityGroup",
    ),
    "flow logs into a bucket; ours go to CloudWatch by a role": (
        "autoscaling:DescribeTags",
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "s3:GetBucketPolicy",
        "s3:PutBucketPolicy",
    ),
    "EKS Auto Mode's instance profiles": (
        "iam:AddRoleToInstanceProfile",
        "iam:CreateInstanceProfile",
        "iam:DeleteInstanceProfile",
        "iam:RemoveRoleFromInstanceProfile",
        "iam:TagInstanceProfile",
    ),
    "permission boundaries are whose account it is to set": (
        "iam:DeleteRolePermissionsBoundary",
        "iam:PutRolePermissionsBoundary",
    ),
    "log groups' policies, indexes and delivery to elsewhere": (
        "firehose:TagDeliveryStream",
        "logs:DeleteDataProtectionPolicy",
        "logs:DeleteIndexPolicy",
        "logs:DeleteResourcePolicy",
        "logs:GetDataProtectionPolicy",
        "logs:PutBearerTokenAuthentication",
        "logs:PutDataProtectionPolicy",
        "logs:PutIndexPolicy",
        "logs:PutLogGroupDeletionProtection",
        "logs:PutResourcePolicy",
        "s3:REST.PUT.OBJECT",
    ),
    "health checks of alarms and routing controls; private zones and query logs": (
        "cloudwatch:DescribeAlarms",
        "route53-recovery-control-config:DescribeRoutingControl",
        "route53:AssociateVPCWithHostedZone",
        "route53:CreateQueryLoggingConfig",
        "route53:DeleteQueryLoggingConfig",
        "route53:DisassociateVPCFromHostedZone",
        "route53:UpdateHostedZoneFeatures",
    ),
}
"""What the schemas name for ways of using a type that warren does not use, by the reason."""

MADE_WITH_TAGS = {
    "ec2:AllocateAddress": "aws:ec2/eip:Eip",
    "ec2:CreateFlowLogs": "aws:ec2/flowLog:FlowLog",
    "ec2:CreateInternetGateway": "aws:ec2/internetGateway:InternetGateway",
    "ec2:CreateLaunchTemplate": "aws:ec2/launchTemplate:LaunchTemplate",
    "ec2:CreateNatGateway": "aws:ec2/natGateway:NatGateway",
    "ec2:CreateRouteTable": "aws:ec2/routeTable:RouteTable",
    "ec2:CreateSubnet": "aws:ec2/subnet:Subnet",
    "ec2:CreateVpc": "aws:ec2/vpc:Vpc",
    "kms:CreateKey": "aws:kms/key:Key",
    "kms:TagResource": "aws:kms/key:Key",
}
"""Calls that carry the tags of what they make; `aws:RequestTag` matches on no other call."""

GOOGLE_APIS = {
    "gcp:compute/": "compute.googleapis.com",
    "gcp:container/": "container.googleapis.com",
    "gcp:dns/": "dns.googleapis.com",
    "gcp:kms/": "cloudkms.googleapis.com",
    "gcp:logging/": "logging.googleapis.com",
    # google_project_iam_member reads and writes the project's policy by Cloud Resource Manager
    # (crossplane-contrib/provider-jet-gcp#17: 403 where it is off).
    "gcp:projects/": "cloudresourcemanager.googleapis.com",
    "gcp:serviceaccount/": "iam.googleapis.com",
}
"""The API that a module of the SDK calls."""


@cache
def policy() -> list[dict[str, Any]]:
    document = json.loads((ROOT / "docs" / "aws-policy.json").read_text("utf-8"))
    return cast("list[dict[str, Any]]", document["Statement"])


def actions(statement: dict[str, Any]) -> list[str]:
    given = statement["Action"]
    return [given] if isinstance(given, str) else given


def recordings() -> list[Recording]:
    spec = settings("aws", api={"public": False}).regions["here"]
    return [
        plan("aws", False),
        record(lambda: build_cloud("here", CONTEXT, spec)),
        names(stack("aws"), HOSTS),
    ]


def registered(package: str, *given: Recording) -> set[str]:
    return {
        item.type
        for recording in given
        for item in recording.custom()
        if item.type.startswith(f"{package}:")
    }


def test_the_policy_allows_what_the_registered_types_need() -> None:
    folder = schemas()
    left_out = {action for reason in NOT_USED.values() for action in reason}
    allowed = [pattern for statement in policy() for pattern in actions(statement)]
    missing = {
        f"{action} ({type_})"
        for type_ in registered("aws", *recordings())
        for kind in KINDS[type_]
        for action in permissions(folder, kind) - left_out
        if not any(fnmatchcase(action, pattern) for pattern in allowed)
    }
    assert missing == set()


def test_nothing_is_left_out_that_no_schema_names() -> None:
    folder = schemas()
    named = {
        action for kinds in KINDS.values() for kind in kinds for action in permissions(folder, kind)
    }
    assert {action for reason in NOT_USED.values() for action in reason} - named == set()


def test_a_tag_is_asked_for_only_on_calls_that_carry_tags() -> None:
    asked = {
        action
        for statement in policy()
        if any(
            "aws:RequestTag/" in key
            for test in statement.get("Condition", {}).values()
            for key in test
        )
        for action in actions(statement)
    }
    assert asked == set(MADE_WITH_TAGS)
    recording = plan("aws", False)
    for type_ in MADE_WITH_TAGS.values():
        assert all(item.inputs["tags"]["project"] == "warren" for item in recording.of(type_)), (
            type_
        )


def test_the_policy_names_the_roles_that_are_made() -> None:
    (roles,) = (item for item in policy() if item["Sid"] == "Roles")
    patterns = [resource.rsplit("/", 1)[1] for resource in roles["Resource"]]
    # AWS' provider lays a dash and a random part after the logical name.
    made = [f"{item.name}-1a2b3c4" for item in plan("aws", False).of("aws:iam/role:Role")]
    assert [name for name in made if not any(fnmatchcase(name, item) for item in patterns)] == []
    assert all(any(fnmatchcase(name, item) for name in made) for item in patterns)


def test_the_policy_fits_into_one() -> None:
    """IAM takes 6,144 characters in a managed policy, white space left out."""
    assert len(json.dumps({"Statement": policy()}, separators=(",", ":"))) < 6000


def test_the_docs_enable_every_api_of_google_that_is_called() -> None:
    text = (ROOT / "docs" / "clouds.md").read_text("utf-8")
    command = re.search(r"`gcloud services enable ([^`]*)`", text)
    assert command
    enabled = set(command[1].split())
    types = registered("gcp", plan("gcp", False), names(stack("gcp"), HOSTS))
    called = {
        next(api for prefix, api in GOOGLE_APIS.items() if type_.startswith(prefix))
        for type_ in types
    }
    assert called - enabled == set()
