"""Public DNS: a name a region, and a global name that follows the primary, on each cloud."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from components.naming import NamingArgs, RegionAddress, build_naming, checker_ranges, order
from components.naming.plan import Tier, failover_chain
from components.settings import Settings, parse
from components.settings.naming import type_of
from tests.support.recorder import Recording, record
from tests.unit.clouds.regions import CONTEXT, region, values
from tests.unit.clouds.test_every_cloud import MODES

NAMING: dict[str, dict[str, Any]] = {
    "aws": {"cloud": "aws", "account": "123456789012"},
    "azure": {
        "cloud": "azure",
        "subscription": "00000000-0000-4000-8000-000000000001",
        "tenant": "00000000-0000-4000-8000-000000000002",
        "checker_ranges": ["192.0.2.0/24"],
    },
    "gcp": {
        "cloud": "gcp",
        "project": "example-messaging",
        "checker_ranges": ["192.0.2.0/24"],
        "health_check": {"interval": 30},
    },
}
ROLE_CHECK = {"kind": "https", "port": 15671, "path": "/primary"}
HOSTS = {"east": "192.0.2.1", "north": "192.0.2.2", "west": "192.0.2.3"}


def stack(cloud: str, **changes: Any) -> Settings:
    """Three regions, `north` primary; `cloud` hosts the zone."""
    check = changes.pop("health_check", None)
    settings = parse(
        values(
            {
                "north": region("gcp", network={"cidr": "10.1.0.0/16"}),
                "east": region("existing"),
                "west": region("azure", network={"cidr": "10.2.0.0/16"}),
            },
            naming={**NAMING[cloud], **changes},
        )
    )
    if check is None:
        return settings
    # Stack files can't have a check of the role yet, since nothing answers it; the zones can.
    assert settings.naming is not None
    checked = settings.naming.health_check.model_copy(update=check)
    naming = settings.naming.model_copy(update={"health_check": checked})
    return settings.model_copy(update={"naming": naming})


def names(settings: Settings, hosts: dict[str, str], *, preview: bool = False) -> Recording:
    naming = settings.naming
    assert naming is not None
    addresses = {
        name: RegionAddress(
            host=pulumi.Output.from_input(address),
            type=type_of(address),
            location="asia-northeast1" if name == "north" else None,
        )
        for name, address in hosts.items()
    }

    def program() -> None:
        args = NamingArgs(context=CONTEXT, regions=addresses, order=order(naming, settings.dr))
        build_naming("names", naming, args)

    return record(program, preview=preview)


def test_order_follows_the_role_or_the_settings() -> None:
    """A check that knows the role needs no order, and a failover then edits no record."""
    reachable, role = stack("aws"), stack("aws", health_check=ROLE_CHECK)
    assert reachable.naming is not None
    assert role.naming is not None
    assert order(reachable.naming, reachable.dr) == ("north", "east", "west")
    assert order(role.naming, role.dr) == ("east", "north", "west")


def test_failover_changes_no_record_where_the_check_knows_the_role() -> None:
    before = stack("aws", health_check=ROLE_CHECK)
    moved = before.dr.model_copy(
        update={"primary": "west", "standby": ["east", "north"], "epoch": 2}
    )
    after = before.model_copy(update={"dr": moved})

    def registered(settings: Settings) -> dict[str, dict[str, Any]]:
        return {item.urn: item.inputs for item in names(settings, HOSTS).custom()}

    assert registered(before) == registered(after)


@pytest.mark.parametrize(
    ("regions", "tiers"),
    [
        (["a"], []),
        (["a", "b"], [Tier("amqp", "a", "b", True)]),
        (["a", "b", "c"], [Tier("amqp", "a", "amqp-2", False), Tier("amqp-2", "b", "c", True)]),
    ],
)
def test_failover_chain(regions: list[str], tiers: list[Tier]) -> None:
    assert failover_chain("amqp", regions) == tiers


def test_checkers_are_let_in() -> None:
    assert checker_ranges(None) == ()
    assert "15.177.0.0/18" in checker_ranges(stack("aws").naming)
    assert checker_ranges(stack("azure").naming) == ("192.0.2.0/24",)


@pytest.mark.parametrize("preview", MODES)
def test_route_53(preview: bool) -> None:
    recording = names(stack("aws"), {**HOSTS, "east": "nlb.example.com"}, preview=preview)
    zone = recording.one("aws:route53/zone:Zone")
    assert zone.inputs["name"] == "mq.test"
    assert zone.protect
    assert zone.retain
    records = {item.name: item.inputs for item in recording.of("aws:route53/record:Record")}
    assert records["names-east"]["type"] == "CNAME"
    assert records["names-east"]["records"] == ["nlb.example.com"]
    assert records["names-west"]["type"] == "A"
    first, second = records["names-amqp-first"], records["names-amqp-second"]
    assert (first["name"], first["records"]) == ("amqp.mq.test", ["north.mq.test"])
    assert first["failoverRoutingPolicies"] == [{"type": "PRIMARY"}]
    assert (second["name"], second["records"]) == ("amqp.mq.test", ["amqp-2.mq.test"])
    assert second["failoverRoutingPolicies"] == [{"type": "SECONDARY"}]
    assert first["setIdentifier"] != second["setIdentifier"]
    assert records["names-amqp-2-first"]["records"] == ["east.mq.test"]
    assert records["names-amqp-2-second"]["records"] == ["west.mq.test"]
    assert {item["ttl"] for item in records.values()} == {30}
    if not preview:
        assert first["healthCheckId"] == "names-north-id"
    checks = {
        item.name: item.inputs for item in recording.of("aws:route53/healthCheck:HealthCheck")
    }
    assert set(checks) == {"names-north", "names-east", "names-west"}
    check = checks["names-north"]
    assert (check["type"], check["fqdn"], check["port"]) == ("TCP", "north.mq.test", 5671)
    assert (check["requestInterval"], check["failureThreshold"]) == (10, 3)
    assert "resourcePath" not in check


def test_route_53_role_check_and_existing_zone() -> None:
    recording = names(stack("aws", health_check=ROLE_CHECK, zone_id="Z123"), HOSTS)
    assert recording.of("aws:route53/zone:Zone") == []
    assert {item.inputs["zoneId"] for item in recording.of("aws:route53/record:Record")} == {"Z123"}
    check = recording.one("aws:route53/healthCheck:HealthCheck", "names-west").inputs
    assert (check["type"], check["port"], check["resourcePath"]) == ("HTTPS", 15671, "/primary")
    assert check["enableSni"] is True


@pytest.mark.parametrize("preview", MODES)
def test_azure(preview: bool) -> None:
    recording = names(stack("azure"), {**HOSTS, "east": "nlb.example.com"}, preview=preview)
    zone = recording.one("azure-native:dns:Zone")
    assert (zone.inputs["zoneName"], zone.inputs["zoneType"]) == ("mq.test", "Public")
    assert zone.protect
    records = {item.name: item.inputs for item in recording.of("azure-native:dns:RecordSet")}
    assert records["names-west"]["recordType"] == "A"
    assert records["names-west"]["aRecords"] == [{"ipv4Address": "192.0.2.3"}]
    assert records["names-east"]["recordType"] == "CNAME"
    assert records["names-east"]["cnameRecord"] == {"cname": "nlb.example.com"}
    for name, key in (("names-west", "aRecords"), ("names-east", "cnameRecord")):
        kinds = {
            kind for kind in ("aRecords", "aaaaRecords", "cnameRecord") if kind in records[name]
        }
        assert kinds == {key}, "Azure takes the answer of one type"
    assert records["names"]["relativeRecordSetName"] == "amqp"
    assert "targetResource" in records["names"]
    profile = recording.one("azure-native:trafficmanager:Profile").inputs
    assert profile["trafficRoutingMethod"] == "Priority"
    assert profile["monitorConfig"] == {
        "protocol": "TCP",
        "port": 5671,
        "intervalInSeconds": 10,
        "timeoutInSeconds": 5,
        "toleratedNumberOfFailures": 2,
    }
    assert [(item["target"], item["priority"]) for item in profile["endpoints"]] == [
        ("north.mq.test", 1),
        ("east.mq.test", 2),
        ("west.mq.test", 3),
    ]
    assert profile["dnsConfig"]["ttl"] == 30


def test_azure_existing_zone() -> None:
    recording = names(stack("azure", resource_group="dns", health_check=ROLE_CHECK), HOSTS)
    assert recording.of("azure-native:dns:Zone") == []
    assert recording.of("azure-native:resources:ResourceGroup") == []
    groups = {
        item.inputs["resourceGroupName"] for item in recording.of("azure-native:dns:RecordSet")
    }
    assert groups == {"dns"}
    monitor = recording.one("azure-native:trafficmanager:Profile").inputs["monitorConfig"]
    assert (monitor["protocol"], monitor["path"]) == ("HTTPS", "/primary")


@pytest.mark.parametrize("preview", MODES)
def test_cloud_dns(preview: bool) -> None:
    recording = names(stack("gcp"), HOSTS, preview=preview)
    zone = recording.one("gcp:dns/managedZone:ManagedZone")
    assert zone.inputs["dnsName"] == "mq.test."
    assert zone.inputs["dnssecConfig"] == {"state": "on"}
    assert zone.protect
    records = {item.name: item.inputs for item in recording.of("gcp:dns/recordSet:RecordSet")}
    assert records["names-west"]["name"] == "west.mq.test."
    assert records["names-west"]["rrdatas"] == ["192.0.2.3"]
    policy = records["names"]["routingPolicy"]["primaryBackup"]
    assert policy["primary"] == {"externalEndpoints": ["192.0.2.2"]}
    assert policy["trickleRatio"] == 0
    assert policy["enableGeoFencingForBackups"] is False
    backups = policy["backupGeos"]
    assert [item["healthCheckedTargets"]["externalEndpoints"] for item in backups] == [
        ["192.0.2.1"],
        ["192.0.2.3"],
    ]
    assert len({item["location"] for item in backups}) == 2
    check = recording.one("gcp:compute/healthCheck:HealthCheck").inputs
    assert check["tcpHealthCheck"] == {"port": 5671}
    assert check["checkIntervalSec"] == 30
    assert len(check["sourceRegions"]) == 3


def test_cloud_dns_role_check_and_existing_zone() -> None:
    recording = names(stack("gcp", zone="mq", health_check=ROLE_CHECK), HOSTS)
    assert recording.of("gcp:dns/managedZone:ManagedZone") == []
    check = recording.one("gcp:compute/healthCheck:HealthCheck").inputs
    assert check["httpsHealthCheck"] == {"port": 15671, "requestPath": "/primary"}


@pytest.mark.parametrize("cloud", ["aws", "azure", "gcp"])
def test_one_region_needs_no_failover(cloud: str) -> None:
    settings = parse(values({"north": region("gcp")}, naming=NAMING[cloud]))
    recording = names(settings, {"north": "192.0.2.2"})

    def found(type_: str) -> dict[str, Any]:
        return recording.one(type_, "names").inputs

    if cloud == "aws":
        assert "failoverRoutingPolicies" not in found("aws:route53/record:Record")
    elif cloud == "gcp":
        assert found("gcp:dns/recordSet:RecordSet")["rrdatas"] == ["192.0.2.2"]
    else:
        assert len(found("azure-native:trafficmanager:Profile")["endpoints"]) == 1


@pytest.mark.parametrize(
    ("host", "type_"), [("192.0.2.1", "A"), ("2001:db8::1", "AAAA"), ("nlb.example.com", "CNAME")]
)
def test_type_of(host: str, type_: str) -> None:
    assert type_of(host) == type_


def test_azure_is_given_no_kind_of_answer_that_is_known_late() -> None:
    """The type of a foreign cluster's address is known only when the address is."""
    naming = stack("azure").naming
    assert naming is not None
    host = pulumi.Output.from_input("nlb.example.com")
    address = RegionAddress(host=host, type=host.apply(type_of))

    def program() -> None:
        build_naming(
            "names", naming, NamingArgs(context=CONTEXT, regions={"east": address}, order=["east"])
        )

    found = record(program).one("azure-native:dns:RecordSet", "names-east").inputs
    assert found["cnameRecord"] == {"cname": "nlb.example.com"}
    assert {"aRecords", "aaaaRecords"} & set(found) == set()
