"""The production stack and the examples: each loads, registers, and shows what its README says."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from components.program import build
from components.settings.clouds.existing import ExistingRegion
from tests.support.recorder import UNKNOWN, Recording, record
from tests.unit.clouds.stacks import FILES, config, settings
from tests.unit.clouds.test_every_cloud import CLUSTERS, MODES

SDK_PACKAGES = {"aws": "aws", "azure": "azure-native", "gcp": "gcp"}
PLACEHOLDER_OF_A_PASSWORD = "password-of-"


@cache
def plan(name: str, preview: bool) -> Recording:
    return record(lambda: build(settings(name)), preview=preview)


def test_the_stacks_are_found() -> None:
    assert set(FILES) >= {"prod", "aws-two-regions", "china-pair", "single-region"}


@pytest.mark.parametrize("preview", MODES)
@pytest.mark.parametrize("name", FILES)
def test_registers_a_broker_and_a_cluster_for_each_region(name: str, preview: bool) -> None:
    spec, recording = settings(name), plan(name, preview)
    brokers = recording.of("kubernetes:apps/v1:StatefulSet")
    assert [item.provider_name for item in brokers] == sorted(spec.regions)
    for cloud, type_ in CLUSTERS.items():
        expected = sorted(key for key, region in spec.regions.items() if region.cloud == cloud)
        assert [item.name for item in recording.of(type_)] == expected


@pytest.mark.parametrize("name", FILES)
def test_no_resource_falls_to_a_default_provider(name: str) -> None:
    clouds = {region.cloud for region in settings(name).regions.values()} - {"existing"}
    expected = {SDK_PACKAGES[cloud] for cloud in clouds} | {"kubernetes"}
    assert expected <= set(config(name)["pulumi:disable-default-providers"])
    packages = {"aws", "azure-native", "gcp", "kubernetes"}
    for item in plan(name, False).custom():
        if item.type.split(":")[0] in packages:
            assert item.provider, f"{item.type} {item.name}"
            assert "::default" not in item.provider


@pytest.mark.parametrize("preview", MODES)
@pytest.mark.parametrize("name", FILES)
def test_entries_let_in_clients_and_the_linked_regions_alone(name: str, preview: bool) -> None:
    spec, recording = settings(name), plan(name, preview)
    linked = {
        region: {
            (link.to if link.from_ == region else link.from_)
            for link in spec.links
            if region in (link.from_, link.to)
        }
        for region in spec.regions
    }
    addresses = {"aws": 3, "azure": 3, "gcp": 2}
    checkers = 17 if spec.naming and spec.naming.cloud == "aws" else 0
    for region, peers in linked.items():
        sources: list[str] = recording.one("kubernetes:core/v1:Service", f"{region}-amqps").inputs[
            "spec"
        ]["loadBalancerSourceRanges"]
        own = spec.regions[region].broker.service.allowed_sources
        expected = len(own) + checkers
        for peer in peers:
            other = spec.regions[peer]
            known = isinstance(other, ExistingRegion)
            expected += len(other.egress) if known else addresses[other.cloud]
        assert len(sources) == expected
        assert set(own) <= set(sources)
        assert "0.0.0.0/0" not in sources
        if not preview:
            assert UNKNOWN not in sources
            assert len(set(sources)) == len(sources)


@pytest.mark.parametrize("name", FILES)
def test_no_password_is_registered_in_the_clear(name: str) -> None:
    for item in plan(name, False).custom():
        if item.type.startswith("random:"):
            continue
        for key, value in item.inputs.items():
            if PLACEHOLDER_OF_A_PASSWORD in json.dumps(value, default=str):
                assert key in item.secrets, f"{item.type} {item.name}.{key}"


def test_production_is_on_three_clouds_linked_both_ways() -> None:
    spec = settings("prod")
    places: dict[str, Any] = {name: region.cloud for name, region in spec.regions.items()}
    assert places == {"use1": "aws", "weu": "azure", "ane1": "gcp"}
    assert spec.dr.primary == "use1"
    pairs = {(link.from_, link.to) for link in spec.links}
    for standby in spec.dr.standby:
        assert {("use1", standby), (standby, "use1")} <= pairs
    for region in spec.regions.values():
        assert region.broker.replicas == 3
        assert region.broker.storage == "100Gi"
        assert region.broker.image.startswith("rabbitmq:4.3.5-management@sha256:")
        assert region.protect


@pytest.mark.parametrize("preview", MODES)
def test_production_protects_its_messages(preview: bool) -> None:
    recording = plan("prod", preview)
    for item in recording.of("kubernetes:apps/v1:StatefulSet"):
        assert item.protect
    for item in recording.of("kubernetes:storage.k8s.io/v1:StorageClass"):
        assert item.inputs["reclaimPolicy"] == "Retain"
    assert recording.one("aws:route53/zone:Zone").protect


def test_production_names_every_region() -> None:
    records = {
        item.name: item.inputs for item in plan("prod", False).of("aws:route53/record:Record")
    }
    assert records["names-use1"]["type"] == "CNAME"
    assert records["names-weu"]["type"] == records["names-ane1"]["type"] == "A"
    assert records["names-amqp-first"]["records"] == ["use1.mq.example.com"]
