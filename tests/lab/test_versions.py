"""RabbitMQ 4.0 beside 4.3, in a second stack on the same clusters: what a rolling fleet looks like."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from lab.api import Lab
from tests.lab.conftest import ROOT, warren
from tests.lab.messaging import Estate

pytestmark = pytest.mark.lab

ARGUMENTS = ("--stack", "mixed", "--engine", "embedded")
OLD, NEW = "4.0", "4.3"


def _mixed(config: dict[str, Any]) -> dict[str, Any]:
    """The stack dev with its downstream on the older series, one node each, in a namespace of its
    own."""
    del config["warren:lab"]
    config["warren:namespace"] = "mixed"
    config["warren:domain"] = "mixed.lab"
    config["warren:broker"]["replicas"] = 1
    config["warren:regions"]["west"]["broker"] = {
        "version": OLD,
        "image": f"lab.local/rabbitmq:{OLD}",
        "replicas": 3,
    }
    back = {"kind": "federation", "from": "west", "to": "east", "vhost": "shop"}
    config["warren:links"].append({**back, "exchanges": "^back$"})
    vhost = config["warren:topology"]["vhosts"]["shop"]
    vhost["exchanges"]["back"] = {"type": "fanout"}
    return config


@pytest.fixture(scope="module")
def mixed(estate: Estate, lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    del estate  # the lab is up, and the stack dev stays on it
    lab.up(["east", "west"], [NEW, OLD])
    directory = tmp_path_factory.mktemp("mixed")
    for name in ("components", "lab", "warren", "__main__.py", "Pulumi.yaml", ".lab"):
        (directory / name).symlink_to(ROOT / name)
    content = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())
    stack = {"config": _mixed(content["config"])}
    (directory / "Pulumi.mixed.yaml").write_text(yaml.safe_dump(stack))
    done = warren("up", *ARGUMENTS, "--json", cwd=directory)
    try:
        assert done.returncode == 0, done.stderr[-4000:]
        shown = warren("outputs", "--json", "--show-secrets", *ARGUMENTS, cwd=directory)
        found = Estate(json.loads(shown.stdout))
        found.status = json.loads(done.stdout)["status"]
        yield found
    finally:
        gone = warren("down", *ARGUMENTS, "--yes", cwd=directory)
    assert gone.returncode == 0, gone.stderr[-2000:]


def test_both_series_run_and_are_linked_both_ways(mixed: Estate) -> None:
    regions, links = mixed.status["regions"], mixed.status["links"]
    assert regions["east"]["version"].startswith(f"{NEW}.")
    assert regions["west"]["version"].startswith(f"{OLD}.")
    # Three nodes of 4.0 find one another by the Kubernetes API, which the newer series do without.
    assert (regions["west"]["nodes_ready"], regions["west"]["nodes_wanted"]) == (3, 3)
    assert {link["state"] for link in links} == {"running"}
    assert len(links) == 2


def test_what_is_confirmed_on_the_newer_series_arrives_on_the_older(mixed: Estate) -> None:
    ledger = mixed.publish("mixed", 300)
    seen = mixed.read("west", set(ledger.confirmed), 60)
    assert set(seen) >= set(ledger.confirmed)


def test_the_stacks_beside_each_other_keep_apart(estate: Estate, mixed: Estate) -> None:
    """Two stacks share the clusters, and neither users nor certificates nor messages."""
    assert estate.outputs["ca"] != mixed.outputs["ca"]
    mixed.publish("apart", 20)
    with contextlib.closing(estate.connect("east", "consumer")) as connection:
        channel = connection.channel()
        bodies = [channel.basic_get("orders.work", auto_ack=True)[2] for _ in range(50)]
    assert not [body for body in bodies if body and body.startswith(b"apart")]
