"""What the clouds refuse, told from the settings alone: each row was accepted once, and failed in the
middle of an `up`."""

from __future__ import annotations

from typing import Any

import pytest

from components.settings import SettingsError, parse
from components.settings.clouds.aws.rules import RULES_QUOTA, source_ranges_that_fit
from components.settings.everybody import everybody
from tests.unit.clouds.regions import region, values

Changes = dict[str, Any]

REFUSED: list[tuple[str, Changes, str]] = [
    # Machines and disks.
    ("gcp", {"nodes": {"machine_type": "n4-standard-4"}}, "storage.type: n4-standard-4 takes"),
    ("gcp", {"nodes": {"machine_type": "c4-standard-8"}}, "storage.type: c4-standard-8 takes"),
    ("gcp", {"nodes": {"machine_type": "c4a-standard-8"}}, "write hyperdisk-balanced"),
    ("gcp", {"storage": {"type": "hyperdisk-balanced"}}, "storage.type: n2-standard-4 takes no"),
    ("azure", {"nodes": {"machine_type": "Standard_D4ps_v5"}}, "nodes.machine_type: Standard_D4ps"),
    ("azure", {"nodes": {"machine_type": "Standard_D4_v5"}}, "takes no Premium disks"),
    ("azure", {"nodes": {"machine_type": "Standard_E8d_v5"}}, "write Standard_E8ds_v5"),
    ("azure", {"nodes": {"system_machine_type": "Standard_D2s_v5"}}, "has 2 vCPUs"),
    ("azure", {"nodes": {"system_machine_type": "Standard_D4ps_v5"}}, "nodes.system_machine_type"),
    ("aws", {"storage": {"iops": 3000, "throughput": 2000}}, "storage.throughput: gp3 gives"),
    ("aws", {"storage": {"iops": 16000}}, "storage.iops: gp3 gives 500"),
    ("aws", {"storage": {"type": "io2", "iops": 30000}}, "storage.iops: io2 gives 1000"),
    ("aws", {"nodes": {"machine_type": "m7i.999xlarge"}}, "AWS has no machine type"),
    ("gcp", {"nodes": {"machine_type": "n2-standard-777"}}, "Google Cloud has no machine type"),
    # Places.
    (
        "aws",
        {"zones": ["use1-az1", "use1-az2", "use1-az2"]},
        "zones[2]: use1-az2 stands in it twice",
    ),
    (
        "aws",
        {"zones": ["use1-az1", "use1-az2", "euw1-az1"]},
        "zones[2]: euw1-az1 is not of us-east-1",
    ),
    ("aws", {"zones": ["use1-az1", "use1-az2", "use1-az3"]}, "zones[2]: EKS has no control planes"),
    (
        "aws",
        {"zones": ["us-east-1a", "us-east-1b", "us-east-1c"]},
        "write identifiers such as use1-az1",
    ),
    ("gcp", {"zones": ["asia-northeast1-a"] * 3}, "zones[1]: asia-northeast1-a stands in it twice"),
    (
        "gcp",
        {"zones": ["asia-northeast1-a", "asia-northeast1-b", "us-east1-b"]},
        "zones[2]: us-east1-b is not of asia-northeast1",
    ),
    # Identities.
    ("aws", {"admins": ["arn:aws:iam::123456789012:role/deploy"] * 2}, "admins[1]: "),
    ("azure", {"admin_groups": ["00000000-0000-4000-8000-000000000003"] * 2}, "admin_groups[1]: "),
    ("azure", {"login": "devicecode"}, "login: "),
    # Ranges.
    ("azure", {"network": {"services": "172.30.0.0/16"}}, "services: AKS keeps 172.30.0.0/16"),
    ("azure", {"network": {"pods": "172.31.0.0/17"}}, "network.pods: AKS keeps 172.31.0.0/16"),
    ("azure", {"network": {"cidr": "172.30.0.0/18"}}, "network.cidr: AKS keeps 172.30.0.0/16"),
    ("azure", {"network": {"services": "10.99.0.0/30"}}, "network.services: "),
    ("aws", {"network": {"services": "100.64.0.0/16"}}, "network.services: EKS takes"),
    ("aws", {"network": {"services": "10.99.0.0/30"}}, "network.services: "),
    ("aws", {"network": {"cidr": "127.0.0.0/16"}}, "network.cidr: '127.0.0.0/16' is not a private"),
    ("aws", {"network": {"cidr": "169.254.0.0/16"}}, "is not a private range"),
    ("gcp", {"network": {"cidr": "240.0.0.0/16"}}, "is not a private range"),
    ("azure", {"network": {"services": "192.0.2.0/24"}}, "is not a private range"),
    (
        "gcp",
        {"api": {"authorized": ["0.0.0.0/8", "1.0.0.0/8"]}},
        "api.authorized: together these open",
    ),
    # Versions, logs.
    ("aws", {"kubernetes": "9.99"}, "kubernetes: EKS has no 9.99"),
    ("aws", {"kubernetes": "1.20"}, "kubernetes: EKS has no 1.20"),
    ("azure", {"kubernetes": "1.34"}, "kubernetes: AKS has no 1.34"),
    ("azure", {"upgrade_channel": "stable"}, "upgrade_channel: "),
    ("azure", {"log_retention_days": 731}, "log_retention_days: a Log Analytics workspace"),
    ("azure", {"log_retention_days": 7}, "log_retention_days: a Log Analytics workspace"),
    # YAML made another number of it.
    ("aws", {"account": 1402433619}, "account: put quotes around it"),
    ("gcp", {"project_number": 998877665544}, "project_number: put quotes around it"),
]


def errors(stack: dict[str, Any]) -> str:
    with pytest.raises(SettingsError) as caught:
        parse(stack)
    return str(caught.value)


@pytest.mark.parametrize(
    ("cloud", "changes", "message"), REFUSED, ids=[f"{row[0]}-{row[2][:40]}" for row in REFUSED]
)
def test_refused(cloud: str, changes: Changes, message: str) -> None:
    text = errors(values({"here": region(cloud, **changes)}))
    assert "warren:regions.here." in text
    assert message in text


TAKEN: list[tuple[str, Changes]] = [
    (
        "gcp",
        {"nodes": {"machine_type": "n4-standard-4"}, "storage": {"type": "hyperdisk-balanced"}},
    ),
    (
        "gcp",
        {"nodes": {"machine_type": "c3-standard-8"}, "storage": {"type": "hyperdisk-balanced"}},
    ),
    ("gcp", {"nodes": {"machine_type": "c3-standard-8"}}),
    ("azure", {"nodes": {"machine_type": "Standard_E8ds_v5"}}),
    ("azure", {"nodes": {"system_machine_type": "Standard_D8s_v5"}}),
    ("azure", {"network": {"services": "172.29.0.0/16"}}),
    ("aws", {"storage": {"iops": 8000, "throughput": 2000}}),
    ("aws", {"storage": {"iops": 10000}}),
    ("aws", {"zones": ["use1-az4", "use1-az5", "use1-az6"]}),
    ("aws", {"network": {"cidr": "100.64.0.0/16"}}),
    ("aws", {"nodes": {"machine_type": "m7g.xlarge"}}),
    ("aws", {"kubernetes": "1.36"}),
    ("aws", {"log_retention_days": 731}),
    ("azure", {"log_retention_days": 30}),
]


@pytest.mark.parametrize(("cloud", "changes"), TAKEN)
def test_taken(cloud: str, changes: Changes) -> None:
    stack = values({"here": region(cloud, **changes)})
    stack["broker"]["storage"] = "20Gi"
    assert parse(stack).regions["here"].cloud == cloud


def test_an_unquoted_account_is_never_answered_with_another_number() -> None:
    text = errors(values({"here": region("aws", account=1402433619)}))
    assert "1402433619" not in text
    naming = {"cloud": "aws", "account": 1402433619}
    text = errors(values({"here": region("aws")}, naming=naming))
    assert "warren:naming.account: put quotes around it" in text
    assert "1402433619" not in text


@pytest.mark.parametrize(
    ("ranges", "open_"),
    [
        (["0.0.0.0/0"], True),
        (["0.0.0.0/1", "128.0.0.0/1"], True),
        (["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/1"], True),
        (["128.0.0.0/1"], True),
        (["::/1", "8000::/1"], True),
        (["10.0.0.0/8", "172.16.0.0/12", "198.51.100.0/24"], False),
        (["2001:db8::/32"], False),
        ([], False),
    ],
)
def test_everybody(ranges: list[str], open_: bool) -> None:
    assert everybody(ranges) is open_


HALVES = ["0.0.0.0/1", "128.0.0.0/1"]


def test_everybody_in_two_halves_is_everybody() -> None:
    text = errors(values({"here": region("aws")}, broker={"service": {"allowed_sources": HALVES}}))
    assert "broker.service.allowed_sources: together these are everybody" in text
    page = {"host": "mq.test.example", "tls_secret": "page", "allowed_sources": HALVES}
    text = errors(values({"here": region("aws", management=page)}))
    assert "management.allowed_sources: together these open the management page" in text


@pytest.mark.parametrize(
    ("cloud", "region_name"), [("aws", "amqp"), ("aws", "amqp-2"), ("gcp", "amqp"), ("azure", "mq")]
)
def test_the_global_name_is_no_regions_name(cloud: str, region_name: str) -> None:
    zones: dict[str, dict[str, Any]] = {
        "aws": {"account": "123456789012"},
        "azure": {
            "subscription": "00000000-0000-4000-8000-000000000001",
            "tenant": "00000000-0000-4000-8000-000000000002",
            "checker_ranges": ["192.0.2.0/24"],
            "record": "mq",
        },
        "gcp": {
            "project": "example-messaging",
            "checker_ranges": ["192.0.2.0/24"],
            "health_check": {"interval": 30},
        },
    }
    regions = {
        "one": region("gcp"),
        region_name: region("azure"),
        "three": region("gcp", network={"cidr": "10.77.0.0/16"}),
    }
    text = errors(values(regions, naming={"cloud": cloud, **zones[cloud]}))
    assert "naming.record: " in text
    assert f"'{region_name}'" in text


def test_a_check_that_nothing_answers_is_refused() -> None:
    naming = {"cloud": "aws", "account": "123456789012", "health_check": {"kind": "https"}}
    text = errors(values({"here": region("aws")}, naming=naming))
    assert "naming.health_check.kind: " in text
    assert "nothing in a region answers /primary" in text


@pytest.mark.parametrize(("quota", "fit"), [(60, 28), (61, 28), (120, 58), (4, 0), (1, 0)])
def test_how_many_ranges_fit_a_security_group(quota: int, fit: int) -> None:
    assert source_ranges_that_fit(quota) == fit


def _sources(count: int) -> dict[str, Any]:
    return {"service": {"allowed_sources": [f"198.51.{n}.0/24" for n in range(count)]}}


def test_more_ranges_than_the_nodes_security_group_has_rules_for() -> None:
    assert RULES_QUOTA == 60
    assert parse(values({"here": region("aws")}, broker=_sources(28)))
    text = errors(values({"here": region("aws")}, broker=_sources(29)))
    assert "regions.here.broker.service.allowed_sources: 29 ranges make 62 rules" in text
    assert "60" in text
    assert "network.security_group_rules" in text
    raised = region("aws", network={"security_group_rules": 100})
    assert parse(values({"here": raised}, broker=_sources(29)))
    naming = {"cloud": "aws", "account": "123456789012"}
    text = errors(values({"here": region("aws")}, broker=_sources(12), naming=naming))
    assert "29 ranges" in text, "17 of Route 53's checkers count too"
    assert parse(values({"here": region("gcp")}, broker=_sources(60)))


def test_linked_regions_count_against_the_rules() -> None:
    stack = values(
        {"here": region("aws"), "there": region("gcp", network={"nat_addresses": 8})},
        broker=_sources(21),
        topology={"vhosts": {"v": {"exchanges": {"e": {}}}}},
        links=[{"from": "here", "to": "there", "vhost": "v", "exchanges": "e"}],
    )
    assert "29 ranges" in errors(stack)
