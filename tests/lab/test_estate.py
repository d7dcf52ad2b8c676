"""What `warren` promises an operator: idempotence, honest status, changes that reach the brokers."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import ssl
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pika
import pika.exceptions
import pytest
import yaml

from lab.api import Lab
from tests.lab.conftest import ROOT, warren
from tests.lab.kube import brokers, cluster, run_in_broker
from tests.lab.messaging import EXCHANGE, VHOST, Estate

pytestmark = pytest.mark.lab
EMBEDDED = ("--engine", "embedded")


def status() -> tuple[int, dict[str, Any]]:
    done = warren("status", "--json", *EMBEDDED)
    return done.returncode, json.loads(done.stdout)


def test_a_second_up_changes_nothing_and_says_so_within_10_s(estate: Estate) -> None:
    warren("up", *EMBEDDED)  # takes back what other tests did by hand
    began = time.monotonic()
    done = warren("up", *EMBEDDED)
    assert done.returncode == 0, done.stderr
    assert "No changes" in done.stdout
    assert time.monotonic() - began < 10


def test_status_has_what_machines_need(estate: Estate) -> None:
    code, found = status()
    assert code == 0, found
    assert found["stack"] == "dev"
    assert found["primary"] == "east"
    assert found["epoch"] == 1
    for name, role in (("east", "primary"), ("west", "standby")):
        region = found["regions"][name]
        assert region["reachable"] is True
        assert region["role"] == role
        assert region["nodes_ready"] == region["nodes_wanted"] == 3
        assert region["version"].startswith("4.3.")
        assert region["amqps"].startswith("amqps://")
        assert region["management"].startswith("https://")
    link = found["links"][0]
    assert (link["name"], link["kind"], link["from"], link["to"]) == (
        "east.west:shop",
        "federation",
        "east",
        "west",
    )
    assert link["state"] == "running"
    assert link["lag_messages"] == 0


def test_outputs_are_masked_unless_asked(estate: Estate) -> None:
    password = estate.outputs["users"]["producer"]
    assert password not in warren("outputs", "--json", *EMBEDDED).stdout
    assert password in warren("outputs", "--json", "--show-secrets", *EMBEDDED).stdout
    assert password not in warren("plan", "--json", "--all").stdout


def test_all_nodes_are_one_cluster_of_the_version_that_was_asked_for(estate: Estate) -> None:
    for region in ("east", "west"):
        live = cluster(estate, region).get(brokers(estate))
        assert live is not None
        assert live["status"]["readyReplicas"] == 3


def test_a_link_gets_in_by_its_certificate_and_by_no_password(estate: Estate) -> None:
    spec = estate.outputs["regions"]["east"]
    context = ssl.create_default_context(cadata=estate.outputs["ca"])
    for password in ("", "guest", "link:east.west:1"):
        with pytest.raises(pika.exceptions.AMQPError):
            pika.BlockingConnection(
                pika.ConnectionParameters(
                    spec["host"],
                    5671,
                    VHOST,
                    pika.PlainCredentials("link:east.west:1", password),
                    ssl_options=pika.SSLOptions(context, spec["host"]),
                )
            )


@pytest.mark.parametrize("port", [5672, 15671, 15672, 15691, 15692, 4369, 25672])
def test_nothing_but_amqps_is_open_to_the_world(estate: Estate, port: int) -> None:
    with (
        pytest.raises(OSError),
        socket.create_connection((estate.outputs["regions"]["east"]["host"], port), timeout=1),
    ):
        pass


def test_a_producer_can_only_produce(estate: Estate) -> None:
    with contextlib.closing(estate.connect("east", "producer")) as connection:
        channel = connection.channel()
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"):
            channel.queue_declare("mine", durable=True)
        channel = connection.channel()
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"):
            channel.basic_get("orders.work")
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish(EXCHANGE, "x", b"allowed", pika.BasicProperties(delivery_mode=2))


def changed(tmp_path: Path, change: Any) -> Path:
    """The same stack, state and lab included, with another config."""
    for name in ("components", "lab", "warren", "__main__.py", "Pulumi.yaml", ".warren", ".lab"):
        (tmp_path / name).symlink_to(ROOT / name)
    content = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())
    change(content["config"])
    del content["config"]["warren:lab"]
    (tmp_path / "Pulumi.dev.yaml").write_text(yaml.safe_dump(content))
    return tmp_path


def _get(estate: Estate, region: str, path: str) -> Any:
    from warren.live.rabbitmq import Login, opened

    spec = estate.outputs["regions"][region]
    login = Login(
        "admin",
        estate.outputs["operators"][region]["admin"],
        estate.outputs["ca"],
        spec["server_name"],
    )
    api = cluster(estate, region)
    with opened(api, estate.outputs["namespace"], "rabbitmq-0", login) as management:
        return management.get(path)


def test_a_changed_config_reaches_the_brokers_and_what_is_taken_out_disappears(
    clean: Estate, tmp_path: Path
) -> None:
    def more(config: dict[str, Any]) -> None:
        vhost = config["warren:topology"]["vhosts"]["shop"]
        vhost["exchanges"]["audit"] = {"type": "fanout"}
        vhost["queues"]["audit"] = {}
        vhost["bindings"].append({"exchange": "audit", "queue": "audit", "routing_key": ""})
        vhost["queues"]["orders.work"]["max_length"] = 999

    def less(config: dict[str, Any]) -> None:
        config["warren:links"] = []

    (tmp_path / "more").mkdir()
    (tmp_path / "less").mkdir()
    try:
        done = warren("up", *EMBEDDED, cwd=changed(tmp_path / "more", more))
        assert done.returncode == 0, done.stderr[-2000:]
        for region in ("east", "west"):
            assert _get(clean, region, "/api/exchanges/shop/audit")["type"] == "fanout"
            orders = _get(clean, region, "/api/policies/shop/warren.queue.orders.work")
            assert orders["definition"]["max-length"] == 999
        done = warren("up", *EMBEDDED, cwd=changed(tmp_path / "less", less))
        assert done.returncode == 0, done.stderr[-2000:]
        assert _get(clean, "west", "/api/parameters/federation-upstream/shop") == []
        # The link's own process ends a moment after its upstream is gone.
        end = time.monotonic() + 30
        while (links := _get(clean, "west", "/api/federation-links/shop")) and (
            time.monotonic() < end
        ):
            time.sleep(1)
        assert links == []
        assert _get(clean, "east", "/api/users/link:east.west:1") is None
        for region in ("east", "west"):
            assert _get(clean, region, "/api/exchanges/shop/audit") is None
            assert _get(clean, region, "/api/queues/shop/audit") is None, "empty, so removed"
            assert _get(clean, region, "/api/queues/shop/orders.work")["name"] == "orders.work"
    finally:
        done = warren("up", *EMBEDDED)
        assert done.returncode == 0, done.stderr[-2000:]
    assert _get(clean, "west", "/api/federation-links/shop")[0]["status"] == "running"


def _without_links(config: dict[str, Any]) -> None:
    config["warren:links"] = []


@contextlib.contextmanager
def _done_by_hand(without: Path) -> Generator[None]:
    """What is done behind warren's back comes right with a topology that is new to the brokers."""
    try:
        yield
    except BaseException:
        warren("up", *EMBEDDED, cwd=without)
        raise
    finally:
        warren("up", *EMBEDDED)


def _reports(estate: Estate) -> list[tuple[str, str]]:
    """What west's nodes say of its links: upstream and state."""
    found = _get(estate, "west", "/api/federation-links")
    return sorted((link["upstream"], link["status"]) for link in found)


def _wait(seconds: float, done: Callable[[], bool], found: Callable[[], object]) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, found()
        time.sleep(1)


def _wait_for_reports(estate: Estate, wanted: list[tuple[str, str]]) -> None:
    """Until west's nodes say this and nothing else."""
    _wait(60, lambda: _reports(estate) == wanted, lambda: _reports(estate))


def test_a_link_that_is_down_leaves_no_report_behind_when_it_is_taken_out(
    clean: Estate, tmp_path: Path
) -> None:
    """RabbitMQ forgets a link whose process is dead only on the node that takes its policy away. A
    report that stays on another reads "down" until that node restarts."""
    without = changed(tmp_path, _without_links)
    with _done_by_hand(without):
        # Twice, since the node that takes the change may be the link's own by chance.
        for _ in range(2):
            run_in_broker(clean, "east", "rabbitmqctl", "delete_user", "link:east.west:1")
            _wait_for_reports(clean, [("east", "error")])
            done = warren("up", *EMBEDDED, cwd=without)
            assert done.returncode == 0, done.stderr[-2000:]
            assert _reports(clean) == []
            done = warren("up", *EMBEDDED)
            assert done.returncode == 0, done.stderr[-2000:]
            _wait_for_reports(clean, [("east", "running")])


def test_an_upstream_taken_out_of_a_set_leaves_no_report_and_the_other_runs(
    clean: Estate, tmp_path: Path
) -> None:
    """The same with the exchange still federated, so that its policy must come back."""

    def ctl(*arguments: str) -> None:
        printed = run_in_broker(clean, "west", "rabbitmqctl", *arguments)
        assert "Error" not in printed, printed

    def limit(config: dict[str, Any]) -> None:
        config["warren:topology"]["vhosts"]["shop"]["queues"]["orders.work"]["max_length"] = 999

    nowhere = json.dumps({"uri": "amqp://localhost:1", "reconnect-delay": 600})
    both = json.dumps([{"upstream": "east"}, {"upstream": "nowhere"}])
    federated = json.dumps({"federation-upstream-set": "both"})
    vhost = ("--vhost", VHOST)
    (tmp_path / "without").mkdir()
    (tmp_path / "limit").mkdir()
    with _done_by_hand(changed(tmp_path / "without", _without_links)):
        try:
            ctl("set_parameter", *vhost, "federation-upstream", "nowhere", nowhere)
            ctl("set_parameter", *vhost, "federation-upstream-set", "both", both)
            ctl(
                *("set_policy", *vhost, "--apply-to", "exchanges", "--priority", "100"),
                *("warren.federation.orders", "^(orders)$", federated),
            )
            _wait(
                60,
                lambda: {("east", "running"), ("nowhere", "error")} <= set(_reports(clean)),
                lambda: _reports(clean),
            )
            done = warren("up", *EMBEDDED, cwd=changed(tmp_path / "limit", limit))
            assert done.returncode == 0, done.stderr[-2000:]
            _wait_for_reports(clean, [("east", "running")])
            policy = _get(clean, "west", "/api/policies/shop/warren.federation.orders")
            assert policy["definition"] == {"federation-upstream-set": "east"}
            assert policy["pattern"] == "^(orders)$"
        finally:
            ctl("clear_parameter", *vhost, "federation-upstream-set", "both")
            ctl("clear_parameter", *vhost, "federation-upstream", "nowhere")


def test_a_lost_region_is_told_quickly_and_comes_back_on_its_disks(clean: Estate, lab: Lab) -> None:
    ledger = clean.publish("before", 200)
    clean.read("west", set(ledger.confirmed), 60)
    lab.kill("west")
    try:
        began = time.monotonic()
        code, found = status()
        assert time.monotonic() - began < 12
        assert code == 1, "the primary works, so the estate is degraded and not down"
        assert found["regions"]["west"]["reachable"] is False
        assert found["regions"]["east"]["nodes_ready"] == 3
        assert found["links"][0]["state"] == "unknown"
        after = clean.publish("while-dead", 500)
    finally:
        lab.start("west")
    seen = clean.read("west", set(after.confirmed), 240)
    assert set(after.confirmed) <= set(seen), "what was published meanwhile arrives afterwards"


def test_wrong_settings_stop_up_before_anything_is_touched(estate: Estate, tmp_path: Path) -> None:
    def even(config: dict[str, Any]) -> None:
        config["warren:broker"]["replicas"] = 4

    done = warren("up", *EMBEDDED, cwd=changed(tmp_path, even))
    assert done.returncode == 2
    assert "warren:broker.replicas: 4 is even" in done.stderr
    shutil.rmtree(tmp_path)
