"""The graph of what is registered: what must be there first, and must go last, on each cloud."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import pytest

from components.clouds.azure.patience import ATTEMPTS, worth_another_try
from tests.support.recorder import Recorded, Recording
from tests.unit.clouds.test_every_cloud import CLUSTERS, MODES, POOLS, plan

BOTH = pytest.mark.parametrize("preview", MODES)


@cache
def before(recording_of: str, preview: bool) -> dict[str, set[str]]:
    """For every resource, all that must be there before it, by URN."""
    recording = plan(recording_of, preview)
    return {item.urn: _closed(item, recording) for item in recording.resources}


def _closed(item: Recorded, recording: Recording) -> set[str]:
    by_urn, found, open_ = recording.by_urn(), set[str](), [item.urn]
    while open_:
        known = by_urn.get(open_.pop())
        if known is None:
            continue
        provider = known.provider.rsplit("::", 1)[0]
        for urn in (*known.depends_on, *([provider] if provider else [])):
            if urn not in found:
                found.add(urn)
                open_.append(urn)
    return found


def missing(
    cloud: str, preview: bool, later: Iterable[Recorded], types: Iterable[str]
) -> list[str]:
    """What of `types` is not waited for by each of `later`."""
    recording, graph = plan(cloud, preview), before(cloud, preview)
    first = [item for type_ in types for item in recording.of(type_)]
    assert first
    return [
        f"{one.type} {one.name} does not wait for {other.type} {other.name}"
        for one in later
        for other in first
        if other.urn not in graph[one.urn]
    ]


@BOTH
def test_nat_gateways_wait_for_the_internet_gateway(preview: bool) -> None:
    gateways = plan("aws", preview).of("aws:ec2/natGateway:NatGateway")
    assert missing("aws", preview, gateways, ["aws:ec2/internetGateway:InternetGateway"]) == []


WAY_OUT = {
    "aws": ["aws:ec2/routeTableAssociation:RouteTableAssociation", "aws:ec2/natGateway:NatGateway"],
    "azure": ["azure-native:network:NatGateway"],
    "gcp": ["gcp:compute/routerNat:RouterNat"],
}


@BOTH
@pytest.mark.parametrize("cloud", WAY_OUT)
def test_nodes_have_a_way_out_from_first_to_last(cloud: str, preview: bool) -> None:
    """Nodes fetch images and join by it; at the end, drivers detach volumes by it."""
    later = plan(cloud, preview).of(CLUSTERS["azure"] if cloud == "azure" else POOLS[cloud])
    assert missing(cloud, preview, later, WAY_OUT[cloud]) == []
    for pool in plan(cloud, preview).of(POOLS[cloud]):
        assert plan(cloud, preview).one(CLUSTERS[cloud]).urn in before(cloud, preview)[pool.urn]


@BOTH
def test_volumes_are_detached_before_their_driver_goes(preview: bool) -> None:
    """What is in the cluster goes before the add-ons, those before the nodes' way out and roles."""
    recording = plan("aws", preview)
    objects = recording.of("kubernetes:storage.k8s.io/v1:StorageClass")
    assert missing("aws", preview, objects, ["aws:eks/addon:Addon", POOLS["aws"]]) == []
    addons = recording.of("aws:eks/addon:Addon")
    needed = [
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
    ]
    found = missing("aws", preview, addons, needed)
    assert [line for line in found if "here-flow" not in line] == []


@BOTH
@pytest.mark.parametrize("cloud", ["azure", "gcp"])
def test_keys_are_used_after_their_grants(cloud: str, preview: bool) -> None:
    recording = plan(cloud, preview)
    grants = {
        "azure": ["azure-native:authorization:RoleAssignment"],
        "gcp": ["gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"],
    }[cloud]
    found = missing(cloud, preview, [recording.one(CLUSTERS[cloud])], grants)
    assert [line for line in found if "here-flow" not in line] == []


USERS_OF_KEYS = (
    "azure-native:compute:DiskEncryptionSet",
    "azure-native:containerservice:ManagedCluster",
)
"""What Azure lets be made only once it knows the right to a key, up to 10 minutes after the grant."""


@BOTH
@pytest.mark.parametrize("type_", USERS_OF_KEYS)
def test_azure_is_asked_again_until_it_knows_the_grant(type_: str, preview: bool) -> None:
    assert len(plan("azure", preview).one(type_).on_error) == 1


@pytest.mark.parametrize(
    "error",
    [
        'Code="KeyVaultAccessForbidden" Message="Unable to access key vault resource"',
        "Code=AzureKeyVaultKmsValidateIdentityPermissionCustomerError",
    ],
)
def test_an_unknown_right_is_worth_another_try_but_not_for_ever(error: str) -> None:
    assert worth_another_try([error])
    assert worth_another_try([error] * (ATTEMPTS - 1))
    assert not worth_another_try([error] * ATTEMPTS)


def test_whatever_else_is_wrong_ends_the_run() -> None:
    assert not worth_another_try(['Code="QuotaExceeded" Message="..."', "KeyVaultAccessForbidden"])
    assert not worth_another_try([])
