"""The AMQPS entry's address is the program's, so that it outlives the Service."""

from __future__ import annotations

from typing import Any

import pytest

from components.program import build
from components.settings import parse
from tests.support.recorder import Recording, record
from tests.unit.clouds.regions import region, values

INTERNAL = {
    "azure": {"service.beta.kubernetes.io/azure-load-balancer-internal": "true"},
    "gcp": {"networking.gke.io/load-balancer-type": "Internal"},
}
ADDRESSES = {
    "azure": "azure-native:network:PublicIPAddress",
    "gcp": "gcp:compute/address:Address",
}


def stack(cloud: str, **service: Any) -> Recording:
    broker = {"service": {"allowed_sources": ["198.51.100.0/24"], **service}}
    return record(lambda: build(parse(values({"here": region(cloud)}, broker=broker))))


def service_annotations(recording: Recording) -> dict[str, str]:
    return recording.one("kubernetes:core/v1:Service", "here-amqps").inputs["metadata"][
        "annotations"
    ]


def test_azure_is_told_the_address_and_its_group() -> None:
    recording = stack("azure")
    address = recording.one(ADDRESSES["azure"], "here-entry")
    assert address.protect
    assert address.inputs["publicIPAllocationMethod"] == "Static"
    found = service_annotations(recording)
    assert found["service.beta.kubernetes.io/azure-pip-name"] == "here-entry"
    group = found["service.beta.kubernetes.io/azure-load-balancer-resource-group"]
    assert group == address.inputs["resourceGroupName"] == "here-entry"
    assert "service.beta.kubernetes.io/azure-pip-tags" not in found, (
        "AKS would own the address' tags"
    )


def test_google_is_told_the_address() -> None:
    recording = stack("gcp")
    address = recording.one(ADDRESSES["gcp"], "here-entry")
    assert address.protect
    assert (address.inputs["addressType"], address.inputs["networkTier"]) == ("EXTERNAL", "PREMIUM")
    assert (
        service_annotations(recording)["networking.gke.io/load-balancer-ip-addresses"]
        == "here-entry-name"
    )


@pytest.mark.parametrize("cloud", ADDRESSES)
@pytest.mark.parametrize("internal", [True, False], ids=["internal", "no-balancer"])
def test_an_entry_without_a_public_address_gets_none(cloud: str, internal: bool) -> None:
    changes: dict[str, Any] = (
        {"annotations": INTERNAL[cloud]} if internal else {"type": "ClusterIP"}
    )
    recording = stack(cloud, **changes)
    assert [item for item in recording.of(ADDRESSES[cloud]) if item.name == "here-entry"] == []
    assert not [
        key for key in service_annotations(recording) if "pip-name" in key or "ip-addresses" in key
    ]
