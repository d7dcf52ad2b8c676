"""Arguments of every resource against its SDK's annotations, enums and named values."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.unit.rendered.manifests import ROOT, VARIANTS, steps
from warren.cli.app import app
from warren.plan import arguments
from warren.plan.model import Plan, Step
from warren.sdk import annotations as sdk
from warren.values import UNKNOWN, reveal, secret

VPC = "aws:ec2/vpc:Vpc"
EKS = "aws:eks/cluster:Cluster"
HEALTH = "aws:route53/healthCheck:HealthCheck"
AKS = "azure-native:containerservice:ManagedCluster"
POOL = "azure-native:containerservice:AgentPool"
GKE = "gcp:container/cluster:Cluster"
NAT = "gcp:compute/routerNat:RouterNat"
SET = "kubernetes:apps/v1:StatefulSet"
SERVICE = "kubernetes:core/v1:Service"
MISSING = object()


def wrong(type_: str, path: str, value: object) -> Step:
    """A resource of the production stack with one value set, or taken out."""
    step = next(item for item in steps("prod") if item.type == type_)
    inputs = copy.deepcopy(reveal(step.inputs))
    *parents, last = path.split(".")
    place: Any = inputs
    for key in parents:
        place = place[int(key)] if key.isdigit() else place[key]
    if value is MISSING:
        del place[last]
    elif isinstance(place, list):
        place[int(last)] = value
    else:
        place[last] = value
    return replace(step, inputs=inputs)


@pytest.mark.parametrize("stack", VARIANTS)
def test_every_resource_is_as_its_sdk_says(stack: str) -> None:
    found = steps(stack)
    judged = [step for step in found if step.custom]
    assert len(judged) > 40
    # Every type is known, and is judged by properties that the SDK really has.
    assert all(sdk.resource_properties(step.type) for step in judged)
    assert [str(fault) for fault in arguments.check(found)] == []


@pytest.mark.parametrize(
    ("type_", "path", "value", "complaint"),
    [
        (VPC, "cidrBloc", "10.0.0.0/16", "unknown property; cidrBlock is meant?"),
        (VPC, "enableDnsHostnames", "yes", '"yes" is not true or false'),
        (VPC, "tags", ["warren"], '["warren"] is not an object'),
        (VPC, "tags.warren", 1, "1 is not a text"),
        (EKS, "roleArn", MISSING, "is required, and missing"),
        (EKS, "vpcConfig.subnetIds", "subnet-1", '"subnet-1" is not a list'),
        (EKS, "vpcConfig.subnetIds", MISSING, "is required, and missing"),
        (EKS, "vpcConfig.endpointPublicAcces", True, "unknown property; endpointPublicAccess"),
        (EKS, "accessConfig.authenticationMode", "api", "is none of CONFIG_MAP, API, API_AND"),
        (HEALTH, "type", "UDP", "is none of HTTP, HTTPS, HTTP_STR_MATCH"),
        (AKS, "networkProfile.outboundType", "natGateway", '"natGateway" is none of'),
        (AKS, "sku.tier", "Basic", "is none of Premium, Standard, Free"),
        (AKS, "agentPoolProfiles.0.osSKU", "Debian", "is none of"),
        (AKS, "agentPoolProfiles.0.count", "1", '"1" is not a whole number'),
        (AKS, "agentPoolProfiles.0.name", MISSING, "is required, and missing"),
        (POOL, "mode", "system", "System is meant?"),
        (POOL, "enableEncryptionAtHost", 1, "1 is not true or false"),
        (GKE, "loggingConfig.enableComponents.0", "SYSTEM", "is none of SYSTEM_COMPONENTS"),
        (NAT, "natIpAllocateOption", "MANUAL", "MANUAL_ONLY is meant?"),
        (NAT, "logConfig", True, "true is not an object"),
        (SET, "spec.replicas", 2.5, "2.5 is not a whole number"),
        (SET, "spec.template.spec.containers.0.imagePull", "Never", "imagePullPolicy is meant?"),
        (SET, "kind", "Deployment", "is none of StatefulSet"),
        (SERVICE, "spec.ports.0.targetPort", True, "true is not a whole number or a text"),
        (SERVICE, "spec.type", "Balancer", "is none of ExternalName, ClusterIP"),
    ],
)
def test_a_wrong_argument_is_refused_by_name_and_path(
    type_: str, path: str, value: object, complaint: str
) -> None:
    step = wrong(type_, path, value)
    found = arguments.check([step])
    shown = ".".join(f"[{key}]" if key.isdigit() else key for key in path.split("."))
    assert [(x.type, x.name, x.path) for x in found] == [
        (type_, step.name, shown.replace(".[", "["))
    ]
    assert complaint in found[0].message


def test_a_type_that_the_sdk_has_not_is_refused() -> None:
    step = replace(wrong(VPC, "cidrBlock", "10.0.0.0/16"), type="aws:ec2/vpc:Vpx")
    assert [str(x) for x in arguments.check([step])] == [
        f"aws:ec2/vpc:Vpx {step.name}: type: the SDK has no resource type aws:ec2/vpc:Vpx"
    ]
    nowhere = replace(step, type="aws:nowhere/vpc:Vpc")
    assert "no resource type" in arguments.check([nowhere])[0].message


def test_a_secret_is_judged_and_not_shown() -> None:
    step = wrong(SERVICE, "metadata.name", secret(5711))
    assert [x.message for x in arguments.check([step])] == ["[secret] is not a text"]
    assert arguments.check([wrong(SERVICE, "metadata.name", secret("name"))]) == []


def test_what_is_unknown_is_not_judged() -> None:
    for key in ("roleArn", "vpcConfig", "accessConfig"):
        assert arguments.check([wrong(EKS, key, UNKNOWN)]) == []


def test_a_provider_is_judged_behind_its_text() -> None:
    type_ = "pulumi:providers:aws"
    assert arguments.check([wrong(type_, "allowedAccountIds", '["123456789012"]')]) == []
    for value in ('["1", 2]', "[", '"1"'):
        assert arguments.check([wrong(type_, "allowedAccountIds", value)]), value
    assert arguments.check([wrong(type_, "allowedAccountId", '["123456789012"]')])


def test_a_list_of_values_that_goes_on_in_words_is_not_taken_for_all() -> None:
    documented = sdk.documented_values
    assert documented("Valid values are `a` or `b`.") == ("a", "b")
    assert documented("Possible values are: `A`, `B`, and `C`. Default `A`.") == ("A", "B", "C")
    assert documented("Valid values: `a`, `b`, others on request.") == ()
    assert documented("Must be set when `a` or `b` is.") == ()


def test_plan_with_policies_tells_of_wrong_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan("prod", [wrong(POOL, "mode", "system")], {})
    monkeypatch.setattr("warren.plan.offline.plan", lambda *_: plan)
    monkeypatch.setattr("gc.disable", lambda: None)  # it would last for all tests after this one
    result = CliRunner().invoke(app, ["plan", "--stack", "prod", "--policies", "--cwd", str(ROOT)])
    assert result.exit_code == 1
    assert "System is meant?" in result.output
