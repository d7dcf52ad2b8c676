"""AWS: every property that keeps the region safe, by value, in previews and in updates."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.clouds import build_cloud
from components.clouds.aws.identity import disk_key_policy, pod_trust
from components.clouds.aws.node_pools import ami_type
from tests.support.recorder import UNKNOWN, record
from tests.unit.clouds.regions import CONTEXT, settings
from tests.unit.clouds.test_every_cloud import MODES, plan

BOTH = pytest.mark.parametrize("preview", MODES)
ACCOUNT = "123456789012"


@BOTH
def test_cluster(preview: bool) -> None:
    inputs = plan("aws", preview).one("aws:eks/cluster:Cluster").inputs
    assert inputs["name"] == "warren-test-here"
    assert inputs["version"] == "1.36"
    assert inputs["enabledClusterLogTypes"] == [
        "api",
        "audit",
        "authenticator",
        "controllerManager",
        "scheduler",
    ]
    assert inputs["encryptionConfig"] == {
        "provider": {"keyArn": UNKNOWN if preview else "arn:aws:kms:::here-cluster"},
        "resources": ["secrets"],
    }
    assert inputs["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }
    assert inputs["deletionProtection"] is True
    assert inputs["bootstrapSelfManagedAddons"] is False
    assert inputs["upgradePolicy"] == {"supportType": "STANDARD"}
    assert inputs["zonalShiftConfig"] == {"enabled": True}
    assert inputs["kubernetesNetworkConfig"]["serviceIpv4Cidr"] == "172.20.0.0/16"
    if not preview:
        assert inputs["vpcConfig"]["subnetIds"] == [f"here-{n}-private-id" for n in (1, 2, 3)]


@BOTH
def test_administrators_are_the_declared_roles_alone(preview: bool) -> None:
    recording = plan("aws", preview)
    entry = recording.one("aws:eks/accessEntry:AccessEntry")
    assert entry.inputs["principalArn"] == f"arn:aws:iam::{ACCOUNT}:role/deploy"
    grant = recording.one("aws:eks/accessPolicyAssociation:AccessPolicyAssociation").inputs
    assert grant["policyArn"].endswith(":cluster-access-policy/AmazonEKSClusterAdminPolicy")
    assert grant["accessScope"] == {"type": "cluster"}


@BOTH
def test_keys_rotate_and_only_named_services_use_them(preview: bool) -> None:
    for key in plan("aws", preview).of("aws:kms/key:Key"):
        assert key.inputs["enableKeyRotation"] is True
        assert key.inputs["rotationPeriodInDays"] == 365
        assert key.inputs["deletionWindowInDays"] == 30
        statements = json.loads(key.inputs["policy"])["Statement"]
        assert statements[0]["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        others = json.dumps(statements[1:])
        assert '"*"' not in json.dumps([item["Principal"] for item in statements])
        assert "kms:*" not in others
        if key.name == "here-cluster":
            assert statements[1]["Principal"] == {"Service": "logs.us-east-1.amazonaws.com"}
            pattern = statements[1]["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
            assert pattern == f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:*"
        else:
            assert "AWSServiceRoleForAutoScaling" in statements[1]["Principal"]["AWS"]
            assert statements[2]["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}


@BOTH
def test_nodes_metadata_and_disks(preview: bool) -> None:
    template = plan("aws", preview).one("aws:ec2/launchTemplate:LaunchTemplate").inputs
    assert template["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
        "instanceMetadataTags": "disabled",
    }
    assert template["blockDeviceMappings"] == [
        {
            "deviceName": "/dev/xvda",
            "ebs": {
                "volumeSize": 50,
                "volumeType": "gp3",
                "encrypted": "true",
                "kmsKeyId": UNKNOWN if preview else "arn:aws:kms:::here-volumes",
                "deleteOnTermination": "true",
            },
        }
    ]
    assert template["instanceType"] == "m7i.xlarge"
    assert "networkInterfaces" not in template, "a public address would come by there"
    assert {item["resourceType"] for item in template["tagSpecifications"]} == {
        "instance",
        "volume",
        "network-interface",
    }
    for specification in template["tagSpecifications"]:
        assert specification["tags"]["stack"] == "test"


@BOTH
def test_node_groups(preview: bool) -> None:
    for group in plan("aws", preview).of("aws:eks/nodeGroup:NodeGroup"):
        assert group.inputs["amiType"] == "AL2023_x86_64_STANDARD"
        assert group.inputs["capacityType"] == "ON_DEMAND"
        assert group.inputs["updateConfig"] == {"maxUnavailable": 1}
        assert "remoteAccess" not in group.inputs
        before = {urn.rsplit("::", 1)[1] for urn in group.depends_on}
        assert {"here-vpc-cni", "here-eks-pod-identity-agent"} <= before


@BOTH
def test_add_ons_have_roles_of_their_own(preview: bool) -> None:
    addons = {
        item.inputs["addonName"]: item for item in plan("aws", preview).of("aws:eks/addon:Addon")
    }
    assert set(addons) == {
        "eks-pod-identity-agent",
        "kube-proxy",
        "vpc-cni",
        "coredns",
        "aws-ebs-csi-driver",
    }
    assert json.loads(addons["vpc-cni"].inputs["configurationValues"]) == {
        "enableNetworkPolicy": "true"
    }
    for name, account, role in (
        ("vpc-cni", "aws-node", "here-network-driver"),
        ("aws-ebs-csi-driver", "ebs-csi-controller-sa", "here-volume-driver"),
    ):
        assert addons[name].inputs["podIdentityAssociations"] == [
            {
                "serviceAccount": account,
                "roleArn": UNKNOWN if preview else f"arn:aws:iam:::{role}",
            }
        ]


@BOTH
def test_nodes_role_has_no_right_of_an_application(preview: bool) -> None:
    recording = plan("aws", preview)
    attached: dict[str, set[str]] = {}
    for item in recording.of("aws:iam/rolePolicyAttachment:RolePolicyAttachment"):
        role = item.name.rsplit("-", 1)[0]
        attached.setdefault(role, set()).add(
            item.inputs["policyArn"].removeprefix("arn:aws:iam::aws:policy/")
        )
    assert attached == {
        "here-control-plane": {"AmazonEKSClusterPolicy"},
        "here-nodes": {"AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"},
        "here-network-driver": {"AmazonEKS_CNI_Policy"},
        "here-volume-driver": {"service-role/AmazonEBSCSIDriverPolicy"},
    }
    roles = {
        item.name: json.loads(item.inputs["assumeRolePolicy"])
        for item in recording.of("aws:iam/role:Role")
    }
    assert {
        name: trust["Statement"][0]["Principal"]["Service"] for name, trust in roles.items()
    } == {
        "here-control-plane": "eks.amazonaws.com",
        "here-nodes": "ec2.amazonaws.com",
        "here-network-driver": "pods.eks.amazonaws.com",
        "here-volume-driver": "pods.eks.amazonaws.com",
        "here-flow": "vpc-flow-logs.amazonaws.com",
    }


def test_pods_roles_are_for_one_account_of_one_cluster() -> None:
    condition = pod_trust("arn:cluster", "kube-system", "aws-node")["Statement"][0]["Condition"]
    assert condition == {
        "StringEquals": {
            "aws:RequestTag/eks-cluster-arn": "arn:cluster",
            "aws:RequestTag/kubernetes-namespace": "kube-system",
            "aws:RequestTag/kubernetes-service-account": "aws-node",
        }
    }


def test_inline_policies_name_one_key_each() -> None:
    policies = plan("aws", False).of("aws:iam/rolePolicy:RolePolicy")
    assert {item.name for item in policies} == {
        "here-control-plane",
        "here-volume-driver",
        "here-flow",
    }
    for item in policies:
        for statement in json.loads(item.inputs["policy"])["Statement"]:
            resources = statement["Resource"]
            listed = resources if isinstance(resources, list) else [resources]
            assert all(resource.startswith("arn:aws:") for resource in listed)
            assert all("*" not in action.split(":")[1][:3] for action in statement["Action"])
    grants = json.loads(disk_key_policy("key"))["Statement"][0]
    assert grants["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}


@BOTH
def test_network(preview: bool) -> None:
    recording = plan("aws", preview)
    closed = recording.one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup").inputs
    assert closed["ingress"] == closed["egress"] == []
    assert recording.one("aws:ec2/vpc:Vpc").inputs["cidrBlock"] == "10.10.0.0/16"
    subnets = recording.of("aws:ec2/subnet:Subnet")
    assert len(subnets) == 6
    assert not any(subnet.inputs["mapPublicIpOnLaunch"] for subnet in subnets)
    zones = {subnet.inputs["availabilityZoneId"] for subnet in subnets}
    assert zones == {"use1-az1", "use1-az2", "use1-az4"}
    for subnet in subnets:
        role = "internal-elb" if subnet.name.endswith("private") else "elb"
        assert subnet.inputs["tags"][f"kubernetes.io/role/{role}"] == "1"
        assert subnet.inputs["tags"]["kubernetes.io/cluster/warren-test-here"] == "shared"
    assert len(recording.of("aws:ec2/natGateway:NatGateway")) == 3
    for table in recording.of("aws:ec2/routeTable:RouteTable"):
        (route,) = table.inputs["routes"]
        assert route["cidrBlock"] == "0.0.0.0/0"
        assert ("natGatewayId" in route) == table.name.endswith("private")


@BOTH
def test_logs_are_encrypted_and_end(preview: bool) -> None:
    recording = plan("aws", preview)
    groups = recording.of("aws:cloudwatch/logGroup:LogGroup")
    assert [group.inputs.get("name") for group in groups] == [
        "/aws/eks/warren-test-here/cluster",
        None,
    ]
    for group in groups:
        assert group.inputs["retentionInDays"] == 90
        assert group.inputs["kmsKeyId"] == (UNKNOWN if preview else "arn:aws:kms:::here-cluster")
    flow = recording.one("aws:ec2/flowLog:FlowLog").inputs
    assert flow["trafficType"] == "ALL"
    assert flow["logDestinationType"] == "cloud-watch-logs"
    assert flow["logDestination"] == (UNKNOWN if preview else "arn:aws:cloudwatch:::here-flow")
    assert flow["iamRoleArn"] == (UNKNOWN if preview else "arn:aws:iam:::here-flow")
    assert flow["vpcId"] == (UNKNOWN if preview else "here-id")
    cluster = recording.one("aws:eks/cluster:Cluster")
    assert any("logGroup" in urn for urn in cluster.depends_on)


def test_load_balancer_passes_tcp_through() -> None:
    spec = settings("aws").regions["here"]
    found: dict[str, Any] = {}
    record(lambda: found.update(build_cloud("here", CONTEXT, spec).service_annotations))
    prefix = "service.beta.kubernetes.io/aws-load-balancer-"
    assert found[f"{prefix}type"] == "nlb"
    assert found[f"{prefix}additional-resource-tags"] == "project=warren,region=here,stack=test"
    assert not any("ssl" in key for key in found), "TLS must end at the broker"


@pytest.mark.parametrize(
    ("machine", "image"),
    [
        ("m7i.xlarge", "AL2023_x86_64_STANDARD"),
        ("m7g.xlarge", "AL2023_ARM_64_STANDARD"),
        ("c8gn.2xlarge", "AL2023_ARM_64_STANDARD"),
        ("x2gd.xlarge", "AL2023_ARM_64_STANDARD"),
        ("t4g.large", "AL2023_ARM_64_STANDARD"),
        ("m7i-flex.xlarge", "AL2023_x86_64_STANDARD"),
    ],
)
def test_image_fits_the_processor(machine: str, image: str) -> None:
    assert ami_type(machine) == image


def test_china_has_its_own_partition() -> None:
    changes = {"region": "cn-north-1", "admins": [f"arn:aws-cn:iam::{ACCOUNT}:role/deploy"]}
    spec = settings("aws", **changes).regions["here"]
    recording = record(lambda: build_cloud("here", CONTEXT, spec))
    text = json.dumps(
        [item.inputs for item in recording.custom() if item.type.startswith("aws:iam")]
    )
    assert "arn:aws-cn:iam::aws:policy/AmazonEKSClusterPolicy" in text
    assert "arn:aws:iam::aws" not in text


@BOTH
def test_addons_are_those_of_the_clusters_version(preview: bool) -> None:
    addons = plan("aws", preview).of("aws:eks/addon:Addon")
    assert len(addons) == 5
    for item in addons:
        name = item.inputs["addonName"]
        assert item.inputs["addonVersion"] == f"v1-of-{name}-for-1.36"
