"""Kinds of links are told apart in one place: a made-up one works without a touch of the program."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.links import Estate, Upstream, assemble, definitions_for
from components.links.contract import Right
from components.outputs import read_link
from components.program import build
from components.settings import SettingsError, parse
from components.settings.links import registered
from components.settings.schema import schema
from tests.support import recorder
from tests.unit.components.made_up_kind import KIND
from tests.unit.settings.test_settings import dev
from warren.estate.links import link_status

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def made_up() -> Iterator[None]:
    with registered(KIND):
        yield


def both() -> dict[str, Any]:
    """dev, with a pigeon beside its federation, between the same regions in the same vhost."""
    values = dev()
    values["links"].append({**values["links"][0], "kind": "pigeon", "queue": "orders.work"})
    del values["links"][1]["exchanges"]
    return values


def documents(values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The definitions that the whole program makes, by region."""
    recording = recorder.record(lambda: build(parse(values)), preview=False)
    return {
        item.name.removesuffix("-definitions"): json.loads(
            item.inputs["stringData"]["definitions.json"]
        )
        for item in recording.resources
        if item.type == "kubernetes:core/v1:Secret" and item.name.endswith("-definitions")
    }


def test_its_settings_are_checked_and_are_in_the_schema() -> None:
    assert parse(both()).links[1].kind == "pigeon"
    values = both()
    values["links"][1]["colour"] = "grey"
    with pytest.raises(SettingsError, match=r"links\[1\]\.colour: unknown key"):
        parse(values)
    values["links"][1]["kind"] = "owl"
    with pytest.raises(SettingsError, match="kind: write one of federation, pigeon"):
        parse(values)
    assert "PigeonLink" in schema()["$defs"]


def test_its_definitions_are_in_the_document_of_each_region() -> None:
    found = documents(both())
    assert [item["name"] for item in found["east"]["queues"]] == ["orders.work", "tee: pigeon"]
    assert [item["name"] for item in found["west"]["queues"]] == ["orders.work"]
    shovels = [item for item in found["west"]["parameters"] if item["component"] == "shovel"]
    assert [item["name"] for item in shovels] == ["pigeon of east"]
    assert "certfile=/etc/rabbitmq-links/east.west.1.crt" in shovels[0]["value"]["src-uri"]


def test_its_rights_and_the_federations_are_one_permission_of_one_user() -> None:
    east = documents(both())["east"]
    links = [item["name"] for item in east["users"] if not item["password_hash"]]
    assert links == ["link:east.west:1"]
    permissions = [item for item in east["permissions"] if item["user"] == links[0]]
    assert len(permissions) == 1, "RabbitMQ keeps one for a user and vhost: the last would win"
    for name in ("tee: pigeon", "orders", "federation: orders -> warren-test-west"):
        assert re.search(permissions[0]["read"], name)
    for name in ("orders.work", "tee: pigeons", "xorders"):
        assert not re.search(permissions[0]["read"], name)
    assert not re.search(permissions[0]["configure"], "tee: pigeon")


def test_a_declared_queue_keeps_its_one_policy() -> None:
    for region, limit in (("east", None), ("west", 7)):
        policies = documents(both())[region]["policies"]
        own = [item for item in policies if re.search(item["pattern"], "orders.work")]
        assert len(own) == 1
        assert own[0]["definition"]["max-length"] == 1_000_000
        assert own[0]["definition"].get("delivery-limit") == limit


def test_what_to_watch_is_in_the_outputs_and_judged_without_knowing_the_kind() -> None:
    built: list[Any] = []
    recorder.record(lambda: built.append(build(parse(both())).outputs()["links"]), preview=False)
    (links,) = built
    assert [link["name"] for link in links] == ["east.west:shop", "east.west:shop:pigeon"]
    spec = read_link(json.loads(json.dumps(links[1])), "links[1]")
    place: tuple[str, str] = ("west", "/api/shovels")

    def told(state: str) -> tuple[str, int | None, list[str]]:
        reports: dict[tuple[str, str], Any] = {
            place: [{"name": "pigeon of east", "state": state}, {"name": "another"}]
        }
        found = link_status(spec, reports, {("east", "shop", "tee: pigeon"): 3})
        return found.state, found.lag_messages, found.problems

    assert told("flying") == ("running", 3, [])
    assert told("lost") == ("lost", 3, ["the pigeon: it is lost"])
    assert link_status(spec, {place: []}, {}).problems == ["0 of 1 pigeons have a link"]
    assert link_status(spec, {place: None}, {}).state == "unknown"


def test_neither_the_estate_nor_the_stack_knows_a_kind_by_name() -> None:
    for file in (
        *("estate", "region", "region_services", "settings/stack", "settings/links/rules"),
        *("settings/links/base", "links/assemble", "links/graph", "links/certificates"),
    ):
        assert "federation" not in (ROOT / f"components/{file}.py").read_text("utf-8").lower()
    for file in ("links", "status"):
        assert "federation" not in _code((ROOT / f"warren/estate/{file}.py").read_text("utf-8"))


def _code(text: str) -> str:
    """Without what stands in docstrings."""
    return re.sub(r'""".*?"""', "", text, flags=re.DOTALL)


def test_rights_of_one_user_and_vhost_are_put_together() -> None:
    found = assemble.merged(
        [
            Right("u", "v", read=["a|b", "c"]),
            Right("u", "w", read=["a"]),
            Right("u", "v", configure=["d"], read=["c"]),
        ]
    )
    assert found == [
        {"user": "u", "vhost": "v", "configure": "^(d)$", "write": "^$", "read": "^(a|b|c)$"},
        {"user": "u", "vhost": "w", "configure": "^$", "write": "^$", "read": "^(a)$"},
    ]


def test_two_kinds_cannot_make_one_parameter_in_silence() -> None:
    settings = parse(both())
    twice = [*settings.links, settings.links[1]]
    estate = Estate(
        settings.topology,
        {"east": Upstream("10.0.0.1", 5671, "east.rabbit.lab")},
        {"east": "e", "west": "w"},
        {"east": 1},
    )
    with pytest.raises(ValueError, match="pigeon of east"):
        definitions_for("west", twice, estate)
