"""Settings of cloud regions: defaults, and errors that name the key and what would be right."""

from __future__ import annotations

from typing import Any

import pytest

from components.settings import SettingsError, parse
from components.settings.clouds.aws import AwsRegion
from components.settings.clouds.azure import AzureRegion
from components.settings.clouds.gcp import GcpRegion
from tests.unit.clouds.regions import CLOUDS, region, values


def errors(regions: dict[str, dict[str, Any]], **more: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        parse(values(regions, **more))
    return str(caught.value)


def test_defaults_are_the_documents_or_newer() -> None:
    regions = parse(values({cloud: region(cloud) for cloud in CLOUDS})).regions
    aws, azure, gcp = regions["aws"], regions["azure"], regions["gcp"]
    assert isinstance(aws, AwsRegion)
    assert isinstance(azure, AzureRegion)
    assert isinstance(gcp, GcpRegion)
    assert aws.nodes.machine_type == "m7i.xlarge"
    assert azure.nodes.machine_type == "Standard_D4s_v5"
    assert gcp.nodes.machine_type == "n2-standard-4"
    assert (aws.storage.type, aws.storage.iops, aws.storage.throughput) == ("gp3", 3000, 125)
    assert azure.storage.sku == "Premium_LRS"
    assert gcp.storage.type == "pd-ssd"
    for item in (aws, azure, gcp):
        assert item.storage.reclaim == "Retain"
        assert item.protect is True
        assert item.nodes.per_zone == 1
        assert item.log_retention_days == 90


@pytest.mark.parametrize(
    ("cloud", "changes", "message"),
    [
        (
            "azure",
            {"location": "us-east-1"},
            "regions.here.location: 'us-east-1' is a region of AWS, not of Azure; write cloud: aws",
        ),
        ("aws", {"region": "westeurope"}, "regions.here.region: 'westeurope' is a region of Azure"),
        ("gcp", {"region": "us-east-1"}, "regions.here.region: 'us-east-1' is a region of AWS"),
        (
            "aws",
            {"region": "us-east-9"},
            "AWS has no region 'us-east-9'; write for example us-east-1",
        ),
        ("azure", {"location": "westus"}, "'westus' has no availability zones"),
        ("aws", {"region": "us-west-1"}, "us-west-1 gives an account two zones"),
        (
            "aws",
            {"nodes": {"machine_type": "Standard_D4s_v5"}},
            "regions.here.nodes.machine_type: 'Standard_D4s_v5' is a machine type of Azure, not "
            "of AWS",
        ),
        ("gcp", {"nodes": {"machine_type": "n2-standrad-4"}}, "Google Cloud has no machine type"),
        ("azure", {"nodes": {"machine_type": "m7i.xlarge"}}, "is a machine type of AWS"),
        ("aws", {"account": "12345"}, "regions.here.account: String should match pattern"),
        (
            "aws",
            {"api": {"authorized": ["0.0.0.0/0"]}},
            "regions.here.api.authorized[0]: '0.0.0.0/0' opens the Kubernetes API to the Internet",
        ),
        (
            "gcp",
            {"api": {"authorized": []}},
            "regions.here.api.authorized: List should have at least 1",
        ),
        (
            "aws",
            {"network": {"cidr": "10.0.0.0/24"}},
            "regions.here.network.cidr: '10.0.0.0/24' is not between",
        ),
        ("aws", {"network": {"cidr": "8.8.0.0/16"}}, "'8.8.0.0/16' is not a private range"),
        ("azure", {"network": {"cidr": "fd00::/18"}}, "'fd00::/18' is not an IPv4 range"),
        (
            "aws",
            {"storage": {"type": "gp2"}},
            "regions.here.storage.type: should be 'gp3' or 'io2'",
        ),
        ("aws", {"storage": {"type": "io2", "throughput": 500}}, "io2 derives it from iops"),
        ("azure", {"storage": {"iops": 5000}}, "Premium_LRS derives it from the disk's size"),
        ("gcp", {"storage": {"iops": 5000}}, "pd-ssd derives it from the disk's size"),
        ("gcp", {"vm_size": "x"}, "regions.here.vm_size: unknown key"),
        ("aws", {"project": "x"}, "regions.here.project: unknown key"),
        ("aws", {"admins": ["me"]}, "regions.here.admins[0]: String should match pattern"),
        ("aws", {"kubernetes": 1.35}, "regions.here.kubernetes: put quotes around 1.35"),
        (
            "gcp",
            {"broker": {"replicas": 5}},
            "regions.here.nodes.per_zone: 5 brokers want a node each, and there are 3; write 2",
        ),
        (
            "aws",
            {"broker": {"resources": {"memory": "15Gi"}}},
            "regions.here.nodes.machine_type: m7i.xlarge has 16 GiB",
        ),
        (
            "azure",
            {"broker": {"resources": {"cpu_request": "4"}}},
            "regions.here.nodes.machine_type: Standard_D4s_v5 has 4 cores",
        ),
    ],
)
def test_wrong_values_are_refused_by_path(
    cloud: str, changes: dict[str, Any], message: str
) -> None:
    assert message in errors({"here": region(cloud, **changes)})


@pytest.mark.parametrize("cloud", CLOUDS)
def test_authorized_ranges_are_asked_for(cloud: str) -> None:
    lacking = region(cloud)
    del lacking["api"]
    assert "regions.here.api: missing" in errors({"here": lacking})


@pytest.mark.parametrize("named", [{}, {"cloud": "alibaba"}])
def test_cloud_is_one_of_four(named: dict[str, str]) -> None:
    assert "regions.here.cloud: write one of existing, aws, azure, gcp" in errors({"here": named})


def test_a_region_may_be_named_like_a_cloud() -> None:
    text = errors({"azure": region("azure", nodes={"per_zone": 0})})
    assert "warren:regions.azure.nodes.per_zone:" in text


def test_networks_of_two_regions_may_not_overlap() -> None:
    text = errors(
        {
            "one": region("aws", network={"cidr": "10.10.0.0/16"}),
            "two": region("gcp", network={"cidr": "10.10.128.0/17"}),
        }
    )
    assert "regions.two.network.cidr: 10.10.128.0/17 overlaps 10.10.0.0/16" in text
    assert "10.0.0.0/17 is free" in text


def test_ranges_inside_a_cluster_may_be_shared_but_not_meet_a_network() -> None:
    shared = {
        "one": region("aws", network={"cidr": "10.1.0.0/16", "services": "172.20.0.0/16"}),
        "two": region("azure", network={"cidr": "10.2.0.0/16", "services": "172.20.0.0/16"}),
    }
    assert set(parse(values(shared)).regions) == {"one", "two"}
    shared["one"]["network"]["services"] = "10.2.128.0/17"
    assert "regions.one.network.services: 10.2.128.0/17 overlaps 10.2.0.0/16" in errors(shared)


def test_pods_and_services_of_a_cluster_may_not_overlap() -> None:
    text = errors({"here": region("azure", network={"pods": "172.20.128.0/17"})})
    assert "regions.here.network.pods: 172.20.128.0/17 overlaps 172.20.0.0/16" in text


@pytest.mark.parametrize("service", [{}, {"type": "NodePort"}])
@pytest.mark.parametrize("cloud", ["aws", "existing"])
def test_an_entry_that_names_nobody_is_refused(cloud: str, service: dict[str, Any]) -> None:
    text = errors({"here": region(cloud)}, broker={"service": service})
    assert "regions.here.broker.service.allowed_sources: nobody is named" in text


def test_an_entry_inside_the_cluster_needs_to_name_nobody() -> None:
    inside = parse(values({"here": region("aws")}, broker={"service": {"type": "ClusterIP"}}))
    assert inside.regions["here"].broker.service.type == "ClusterIP"


LINKED = {
    "broker": {},
    "topology": {"vhosts": {"v": {"exchanges": {"e": {}}}}},
    "links": [{"from": "here", "to": "there", "vhost": "v", "exchanges": "e"}],
}


def test_a_link_lets_the_other_region_in_if_its_addresses_are_known() -> None:
    there = region("gcp")
    assert parse(values({"here": region("aws"), "there": there}, **LINKED)).links
    unknown = region("existing")
    text = errors({"here": region("aws"), "there": unknown}, **LINKED)
    assert "regions.here.broker.service.allowed_sources: nobody is named" in text
    known = region("existing", egress=["192.0.2.1/32"])
    assert parse(values({"here": region("aws"), "there": known}, **LINKED)).links


NAMING = {"cloud": "gcp", "project": "example-messaging", "checker_ranges": ["192.0.2.0/24"]}
THIRTY = {"health_check": {"interval": 30}}


@pytest.mark.parametrize(
    ("cloud", "naming", "message"),
    [
        (
            "gcp",
            {**NAMING, "checker_ranges": [], **THIRTY},
            "checker_ranges: give the addresses of",
        ),
        ("gcp", NAMING, "health_check.interval: "),
        ("aws", {**NAMING, **THIRTY}, "region 'here' is reached by a host name"),
        ("aws", {"cloud": "aws", "account": "1"}, "naming.account: String should match"),
        ("aws", {"cloud": "dyn"}, "naming"),
    ],
)
def test_naming_errors(cloud: str, naming: dict[str, Any], message: str) -> None:
    assert message in errors({"here": region(cloud)}, naming=naming)


def test_naming_on_google_follows_addresses() -> None:
    parsed = parse(values({"here": region("gcp")}, naming={**NAMING, **THIRTY}))
    assert parsed.naming is not None
    with_address = region("aws", advertise={"host": "192.0.2.7"})
    assert parse(values({"here": with_address}, naming={**NAMING, **THIRTY})).naming is not None
