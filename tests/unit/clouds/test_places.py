"""Names of regions and machines against the SDK's own lists, and whose name is whose."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from pulumi_aws import Region
from pulumi_aws.ec2 import InstanceType
from pulumi_azure_native.compute import DiskStorageAccountTypes
from pulumi_azure_native.containerservice import UpgradeChannel, WeekDay

from components.settings.clouds.aws.places import REGIONS as AWS_REGIONS
from components.settings.clouds.aws.places import partition as aws_partition
from components.settings.clouds.aws.places import zones as aws_zones
from components.settings.clouds.azure.region import AzureRegion, AzureStorage
from components.settings.clouds.base import Maintenance
from components.settings.clouds.gcp.places import zones as gcp_zones
from components.settings.clouds.registry import capacity, owner_of_machine, owner_of_place
from components.settings.values import Model

BIG_ENOUGH = ("large", "xlarge", "metal")
FAMILIES = (
    "c5",
    "c6",
    "c7",
    "c8",
    "c9",
    "i3",
    "i4i",
    "i7",
    "m5",
    "m6",
    "m7",
    "m8",
    "m9",
    "r5",
    "r6",
)


def test_every_public_region_of_the_sdk_is_known() -> None:
    secret = ("us-iso", "eu-iso")  # partitions that ordinary accounts can't see
    ours = {region.value for region in Region if not region.value.startswith(secret)}
    assert ours == set(AWS_REGIONS)


def test_instance_types_of_broker_families_are_known() -> None:
    named = [
        item.value
        for item in InstanceType
        if item.value.startswith(FAMILIES) and item.value.split(".")[1].endswith("xlarge")
    ]
    assert len(named) > 300
    assert [name for name in named if owner_of_machine(name) != "aws"] == []


def test_no_type_of_a_kind_for_brokers_is_refused_for_its_size() -> None:
    """By the SDK's own list, so that a new size is seen here."""
    kinds = re.compile(r"(?:[cmr](?:[6-9]|\d\d)|[mcr]5|t3|t4)[a-z]*(?:-flex)?\.\d*x?large")
    named = [item.value for item in InstanceType if kinds.fullmatch(item.value)]
    assert len(named) > 300
    assert [name for name in named if capacity(name) is None] == []


def test_types_without_nitro_are_refused() -> None:
    old = re.compile(r"(?:m[1-4]|c[1-4]|r[34]|t[12]|i2)\..*large")
    named = [item.value for item in InstanceType if old.fullmatch(item.value)]
    assert len(named) > 20
    assert [name for name in named if owner_of_machine(name) is not None] == []


def literals(model: type[Model], field: str) -> set[str]:
    return set(get_args(model.model_fields[field].annotation))


def test_azure_choices_are_the_sdks() -> None:
    """What the settings offer is passed on as text; the SDK's enums say what Azure takes."""
    assert literals(AzureRegion, "upgrade_channel") <= {item.value for item in UpgradeChannel}
    assert literals(Maintenance, "day") == {item.value for item in WeekDay}
    assert literals(AzureStorage, "sku") <= {item.value for item in DiskStorageAccountTypes}


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("us-east-1", "aws"),
        ("cn-north-1", "aws"),
        ("westeurope", "azure"),
        ("westus", "azure"),
        ("asia-northeast1", "gcp"),
        ("us-east1", "gcp"),
        ("atlantis-1", None),
    ],
)
def test_owner_of_place(name: str, owner: str | None) -> None:
    assert owner_of_place(name) == owner


@pytest.mark.parametrize(
    ("name", "owner", "size"),
    [
        ("m5.xlarge", "aws", (4, 16)),
        ("m7i.xlarge", "aws", (4, 16)),
        ("r7g.2xlarge", "aws", (8, 64)),
        ("c7i-flex.large", "aws", (2, 4)),
        ("Standard_D4s_v5", "azure", (4, 16)),
        ("Standard_E8ds_v5", "azure", (8, 64)),
        ("Standard_D4ls_v5", "azure", (4, 8)),
        ("n2-standard-4", "gcp", (4, 16)),
        ("c3-highmem-8", "gcp", (8, 64)),
        ("n2-standard", None, None),
        ("n2-standard-777", None, None),
        ("n9-standard-4", "gcp", (4, 16)),
        ("m7i.999xlarge", None, None),
        ("m10g.xlarge", "aws", (4, 16)),
        ("m4.xlarge", None, None),
        ("Standard_D777s_v5", None, None),
        ("m7.xlarge", None, None),
        ("m5.gigantic", None, None),
        ("Standard_Z4", None, None),
        ("n99-standard-4", None, None),
    ],
)
def test_owner_and_size_of_machine(
    name: str, owner: str | None, size: tuple[int, float] | None
) -> None:
    assert owner_of_machine(name) == owner
    assert capacity(name) == size


@pytest.mark.parametrize(
    ("region", "zones"),
    [
        ("us-east-1", ("use1-az1", "use1-az2", "use1-az4")),
        ("eu-central-1", ("euc1-az1", "euc1-az2", "euc1-az3")),
        ("ap-southeast-2", ("apse2-az1", "apse2-az2", "apse2-az3")),
        ("ap-northeast-1", ("apne1-az1", "apne1-az2", "apne1-az4")),
        ("us-gov-west-1", ("usgw1-az1", "usgw1-az2", "usgw1-az3")),
        ("cn-northwest-1", ("cnnw1-az1", "cnnw1-az2", "cnnw1-az3")),
    ],
)
def test_zone_identifiers(region: str, zones: tuple[str, ...]) -> None:
    assert aws_zones(region) == zones


def test_google_zones() -> None:
    assert gcp_zones("asia-northeast1") == (
        "asia-northeast1-a",
        "asia-northeast1-b",
        "asia-northeast1-c",
    )
    assert gcp_zones("europe-west1")[0] == "europe-west1-b"


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_partition(region: str, partition: str) -> None:
    assert aws_partition(region) == partition
