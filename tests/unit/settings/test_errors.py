"""How wrong settings are told: all at once, by clean paths, in words, and with no secret."""

from __future__ import annotations

import json
import re

import pytest

from components.settings import SettingsError
from components.settings.running import load
from tests.unit.settings.stacks import changed, dev, errors


def test_five_mistakes_between_keys_are_told_in_one_run() -> None:
    values = dev()
    values["links"][0]["to"] = "wset"
    values["dr"] = {"primary": "esat", "standby": ["mars", "west", "west"], "epoch": 1}
    values["regions"]["west"]["context"] = "lab-east"
    values["lab"]["regions"] = ["east", "east"]
    shop = values["topology"]["vhosts"]["shop"]
    shop["bindings"][0]["queue"] = "ordres"
    shop["exchanges"]["other"] = {"alternate_exchange": "nowhere"}
    first = errors(values)
    assert any("bindings[0].queue: no queue 'ordres'" in line for line in first)
    assert any("alternate_exchange: no exchange 'nowhere'" in line for line in first)
    shop["bindings"][0]["queue"] = "orders.work"
    del shop["exchanges"]["other"]
    found = errors(values)
    for path in (
        "warren:links[0].to: no region 'wset'",
        "warren:dr.primary: no region 'esat'",
        "warren:dr.standby[0]: no region 'mars'",
        "warren:dr.standby[2]: 'west' stands in it twice",
        "warren:regions.west.context: ",
        "warren:lab.regions: ",
    ):
        assert any(line.startswith(path) for line in found), (path, found)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("links/0/to", "mars"),
        ("regions", {"EAST": {"cloud": "existing", "context": "x"}}),
        ("topology/vhosts", {"a:b": {}}),
        ("broker/resources", {"memory": "1Mi"}),
        ("regions/east/cloud", "ibm"),
        ("domain", "x y"),
        ("dr", "east"),
        ("links", {}),
        ("topology", []),
    ],
)
def test_paths_are_those_of_the_file_and_words_are_no_patterns(path: str, value: object) -> None:
    for line in errors(changed(path, value)):
        assert re.match(r"warren:[a-z]\w*[^ ]*: \S", line), line
        assert "(all)" not in line
        assert "[key]" not in line
        assert ".(" not in line
        assert "^[" not in line
        assert "pattern" not in line
        assert "dictionary" not in line


@pytest.mark.parametrize(
    ("path", "value", "meant"),
    [
        ("topologie", {}, "topology"),
        ("broker/replica", 3, "replicas"),
        ("regions/east/contxt", "x", "context"),
        ("links/0/exchange", "x", "exchanges"),
        ("topology/vhosts/shop/queues/orders.work/max_lenght", 5, "max_length"),
        ("tls/renewbefore", "5d", "renew_before"),
        ("topology/vhosts/shop/queues/orders.work/type", "quorm", "quorum"),
    ],
)
def test_a_misspelt_key_is_told_with_what_was_meant(path: str, value: object, meant: str) -> None:
    assert any(f"did you mean '{meant}'?" in line for line in errors(changed(path, value)))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("broker/password", "hunter2hunter2"),
        ("broker/configuration/additional", {"ldap.dn_lookup_bind.password": "hunter2hunter2"}),
        ("domain", "amqps://admin:hunter2hunter2@rabbit.test"),
        ("regions/east/kubeconfig", "-----BEGIN RSA PRIVATE KEY-----hunter2hunter2"),
        ("regions/east/secretKey", "hunter2hunter2"),
        ("topology/users/shop", {"role": "producer", "password": "hunter2hunter2"}),
        ("broker/image", "AKIAABCDEFGHIJKLMNOP"),
    ],
)
def test_a_password_in_the_clear_is_refused_and_not_repeated(path: str, value: object) -> None:
    text = "\n".join(errors(changed(path, value)))
    assert "in the clear" in text
    assert "hunter2" not in text


def test_names_that_only_look_like_secrets_are_let_through() -> None:
    values = changed("broker/image_pull_secrets", ["registry"])
    values["topology"]["vhosts"]["shop"]["bindings"] += [
        {"exchange": "amq.headers", "queue": "orders.work", "arguments": {"token": "x"}}
    ]
    from components.settings import parse

    assert parse(values, "dev")


def test_what_steers_a_terminal_is_not_passed_on() -> None:
    text = "\n".join(errors(changed("broker/image", "\x1b[2Jgone")))
    assert "\x1b" not in text


@pytest.mark.parametrize("value", ["east", "[" * 100_000, "1" * 5000, "{"])
def test_what_is_no_structure_is_told_to_the_running_program(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under `pulumi up` it is the program that reads `warren:dr: east`."""
    config = {f"warren:{key}": json.dumps(item) for key, item in dev().items()}
    config |= {"warren:domain": "rabbit.test", "warren:dr": value}
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(config))
    with pytest.raises(SettingsError, match=r"warren:dr: a mapping is meant here"):
        load()


def test_a_misspelt_namespace_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    config = {f"warren:{key}": json.dumps(item) for key, item in dev().items()}
    config |= {"warren:domain": "rabbit.test", "waren:domain": "rabbit.test"}
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(config))
    with pytest.raises(SettingsError, match=r"waren:domain: .*did you mean 'warren:domain'"):
        load()
