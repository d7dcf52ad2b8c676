"""A fourth cloud is a folder and an entry: nothing of the program knows it, and a whole estate stands
on it, beside the others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from components.program import build
from components.settings import SettingsError, parse, schema
from components.settings.clouds import registry
from policies.model import Resource
from policies.rules.estate import RULES
from tests.support.recorder import Recording, record
from tests.unit.clouds.made_up.facts import FACTS
from tests.unit.clouds.regions import OPERATORS, region, values
from warren.comparison.consequences.clouds import cloud
from warren.comparison.consequences.model import Change

ROOT = Path(__file__).parents[4]
HERE: dict[str, Any] = {
    "cloud": "made-up",
    "island": "utopia",
    "api": {"authorized": [OPERATORS]},
}


@pytest.fixture(autouse=True)
def made_up() -> Iterator[None]:
    with registry.registered(FACTS):
        yield


def stack(**changes: Any) -> dict[str, Any]:
    return values(
        {"here": {**HERE, **changes}, "there": region("gcp")},
        naming={"cloud": "made-up"},
        topology={"vhosts": {"v": {"exchanges": {"e": {}}}}},
        links=[{"from": "here", "to": "there", "vhost": "v", "exchanges": "e"}],
    )


def recorded(**changes: Any) -> Recording:
    return record(lambda: build(parse(stack(**changes))))


def test_the_whole_program_builds_a_region_on_it() -> None:
    recording = recorded()
    assert recording.one("made-up:sea:Harbour").inputs == {"island": "utopia"}
    brokers = {item.name: item for item in recording.of("kubernetes:apps/v1:StatefulSet")}
    assert set(brokers) == {"here", "there"}
    assert brokers["here"].provider_name == "here"
    claim = brokers["here"].inputs["spec"]["volumeClaimTemplates"][0]["spec"]
    assert claim["storageClassName"] == "barrels"
    entry = recording.one("kubernetes:core/v1:Service", "here-amqps").inputs
    assert entry["metadata"]["annotations"]["made-up/flag"] == "red"
    there = recording.one("kubernetes:core/v1:Service", "there-amqps").inputs["spec"]
    assert "192.0.2.77/32" in there["loadBalancerSourceRanges"]
    assert recording.one("gcp:container/cluster:Cluster").name == "there"


def test_its_zone_names_the_regions() -> None:
    flags = {item.name: item.inputs for item in recorded().of("made-up:sea:Flag")}
    assert flags["names-here"] == {"type": "AAAA", "location": "utopia"}
    assert flags["names-there"]["type"] == "A"
    assert "location" not in flags["names-there"], "of another cloud than the zone's"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"island": "atlantis"}, "regions.here.island: atlantis sank"),
        ({"island": "us-east-1"}, "'us-east-1' is a region of AWS, not of the made-up cloud"),
        ({"boat": "m7i.xlarge"}, "'m7i.xlarge' is a machine type of AWS, not of the made-up cloud"),
        ({"boat": "boat-1"}, "boat-1 has 1 cores, of which a broker can have 0.8"),
        ({"sea": "10.30.128.0/17"}, "10.30.0.0/16 overlaps 10.30.128.0/17"),
        ({"cloud": "nowhere"}, "cloud: write one of existing, aws, azure, gcp, made-up"),
    ],
)
def test_its_settings_are_checked_by_its_own_facts(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse(stack(**changes))
    assert message in str(caught.value)


def test_others_know_its_places() -> None:
    with pytest.raises(SettingsError, match="'utopia' is a region of the made-up cloud, not of"):
        parse(values({"here": region("aws", region="utopia")}))


def test_editors_and_policies_know_it() -> None:
    document = schema.schema()
    assert "MadeUpRegion" in document["$defs"]
    file = {"config": {f"warren:{key}": value for key, value in stack().items()}}
    jsonschema.Draft202012Validator(document).validate(file)
    wrong = {"config": {f"warren:{key}": value for key, value in stack(isle="x").items()}}
    assert not jsonschema.Draft202012Validator(document).is_valid(wrong)
    rule = next(item for item in RULES if item.name == "stateful-protected")
    harbour = Resource(urn="urn", type="made-up:sea:Harbour", name="here", inputs={})
    assert list(rule.find([harbour], True))


def test_a_comparison_says_what_goes_with_it() -> None:
    gone = Change(
        kind="removed",
        type="made-up:sea:Harbour",
        name="here",
        before={},
        after={},
        properties=(),
    )
    told = list(cloud(gone))
    assert [item.loses for item in told] == [True]
    assert "every broker in it" in told[0].text


CHAIN = re.compile(
    r"isinstance\([^)]*\b(?:Aws|Azure|Gcp|Existing)(?:Region|Naming)\b"
    r"|case (?:Aws|Azure|Gcp|Existing)(?:Region|Naming)\b"
    r"""|\.cloud\s*(?:==|!=|in\b)\s*[("']\s*["']?(?:aws|azure|gcp|existing)"""
)


def test_nothing_of_the_program_asks_which_cloud_it_is() -> None:
    """Outside of a cloud's own folder: a chain of these would leave the made-up one out."""
    asked = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for room in ("components", "warren", "policies")
        for path in sorted((ROOT / room).rglob("*.py"))
        for match in CHAIN.finditer(path.read_text("utf-8"))
    ]
    assert asked == []


def test_a_key_is_registered_once() -> None:
    with pytest.raises(ValueError, match="'made-up' is registered already"):
        registry.register(FACTS)
