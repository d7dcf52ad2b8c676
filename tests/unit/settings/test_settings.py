"""Wrong settings: one line each, with the key's path and what would be right."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.settings import SettingsError, parse
from components.settings.running import load

FILE = Path(__file__).parents[3] / "Pulumi.dev.yaml"


def dev() -> dict[str, Any]:
    content = yaml.safe_load(FILE.read_text())["config"]
    return {key.removeprefix("warren:"): copy.deepcopy(value) for key, value in content.items()}


def test_dev_is_right() -> None:
    settings = parse(dev(), "dev")
    assert settings.regions["east"].broker.replicas == 3
    assert settings.regions["west"].broker.image == "lab.local/rabbitmq:4.3"


def change(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def apply(values: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        place: Any = values
        for key in parents:
            place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
        place[int(last) if isinstance(place, list) else last] = value

    return apply


WRONG = [
    ("broker.replicas", 4, "warren:broker.replicas", "3 or 5"),
    ("regions.east.broker", {"replica": 3}, "warren:regions.east.broker.replica", "unknown key"),
    ("regions.east.broker", {"replicas": "x"}, "warren:regions.east.broker.replicas", "integer"),
    ("links.0.to", "mars", "links[0].to", "declared: east, west"),
    ("links.0.to", "east", "warren:links[0]", "joins two regions"),
    ("links.0.exchanges", "^nothing$", "links[0].exchanges", "declared: orders"),
    ("links.0.vhost", "other", "links[0].vhost", "declared: shop"),
    ("dr.primary", "mars", "dr.primary", "declared: east, west"),
    ("dr.standby", ["east"], "dr.standby[0]", "primary already"),
    ("broker.storage", "0", "broker.storage", "greater than zero"),
    ("broker.storage", "50M", "disk_free_limit", "not less than storage"),
    ("broker.resources", {"memory": "64Mi"}, "resources.memory", "256Mi"),
    ("broker.version", 4.3, "broker.version", "quotes"),
    ("broker.version", "3.13", "broker.version", "not supported"),
    ("regions.east.broker", {"configuration": {"heartbeat": 1}}, "configuration.heartbeat", "5"),
    ("domain", "no domain", "warren:domain", "write for example mq.example.com"),
    ("namespace", "kube-system", "namespace: 'kube-system'", "one of their own"),
    ("namespace", "default", "namespace: 'default'", "one of their own"),
    ("topology.vhosts.shop.bindings.0.queue", "none", "bindings[0]", "declared: orders.work"),
]


@pytest.mark.parametrize(("path", "value", "place", "remedy"), WRONG)
def test_what_is_wrong_is_told_with_its_place_and_a_remedy(
    path: str, value: Any, place: str, remedy: str
) -> None:
    values = dev()
    change(path, value)(values)
    with pytest.raises(SettingsError) as caught:
        parse(values, "dev")
    lines = [line for line in str(caught.value).splitlines() if place in line]
    assert lines, str(caught.value)
    assert any(remedy in line for line in lines), lines


def test_a_pair_of_regions_is_linked_once_in_a_vhost() -> None:
    values = dev()
    values["links"].append({**values["links"][0], "exchanges": "orders"})
    with pytest.raises(SettingsError, match="put both patterns into one link"):
        parse(values, "dev")


def test_a_queue_with_the_name_of_a_carried_exchange_is_refused() -> None:
    """The link's right to read the exchange would be one to read and purge the queue."""
    values = dev()
    vhost = values["topology"]["vhosts"]["shop"]
    vhost["queues"]["orders"] = {}
    with pytest.raises(SettingsError, match=r"links\[0\]: .*shop\.queues\.orders.*another name"):
        parse(values, "dev")
    # Not carried, or in another vhost: then no link has a right on the name.
    vhost["exchanges"]["refunds"] = {}
    vhost["queues"]["refunds"] = vhost["queues"].pop("orders")
    values["topology"]["vhosts"]["other"] = {"queues": {"orders": {}}}
    parse(values, "dev")


def test_a_policy_that_would_switch_a_link_off_is_refused() -> None:
    values = dev()
    values["topology"]["vhosts"]["shop"]["policies"] = {
        "mine": {
            "pattern": ".*",
            "apply_to": "exchanges",
            "definition": {"alternate-exchange": "orders"},
        }
    }
    with pytest.raises(SettingsError, match="an exchange can have only one policy"):
        parse(values, "dev")


def test_every_error_is_told_at_once() -> None:
    values = dev()
    values["broker"]["replicas"] = 2
    values["domain"] = "-"
    with pytest.raises(SettingsError) as caught:
        parse(values, "dev")
    text = str(caught.value)
    assert "2 errors" in text, "what is common is told once, and not for each region again"
    assert "warren:domain" in text
    assert "warren:broker.replicas" in text


def test_a_misspelt_name_is_told_to_the_running_program_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Under `pulumi up` nobody else would see it: pulumi.Config answers for known names only."""
    config = {f"warren:{key}": json.dumps(value) for key, value in dev().items()}
    config["warren:domain"] = "rabbit.test"
    config["warren:topologie"] = "{}"
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(config))
    with pytest.raises(SettingsError, match=r"warren:topologie.*unknown|unknown.*warren:topologie"):
        load()
