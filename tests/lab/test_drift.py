"""What is removed or changed by hand in brokers: `status` says what, and `up` puts it right in one run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.lab.conftest import warren
from tests.lab.kube import run_in_broker
from tests.lab.messaging import EXCHANGE, QUEUE, VHOST, Estate

pytestmark = pytest.mark.lab
EMBEDDED = ("--engine", "embedded")
WEST = "west"


@pytest.fixture
def ctl(estate: Estate) -> Iterator[Callable[..., str]]:
    """`rabbitmqctl` in west; whatever it did is put right afterwards."""

    def run(*arguments: str) -> str:
        printed = run_in_broker(estate, WEST, "rabbitmqctl", "--quiet", *arguments)
        assert "Error" not in printed, printed
        return printed

    yield run
    warren("up", *EMBEDDED)


def status() -> tuple[int, dict[str, Any]]:
    done = warren("status", "--json", *EMBEDDED)
    return done.returncode, json.loads(done.stdout)


def drift(found: dict[str, Any], region: str = WEST) -> set[tuple[str, str]]:
    return {(item["name"], item["state"]) for item in found["regions"][region]["drift"]}


def put_right() -> None:
    """One `up` does it, and the next one finds nothing."""
    done = warren("up", "--json", *EMBEDDED)
    assert done.returncode == 0, done.stderr[-3000:]
    result = json.loads(done.stdout)
    assert result["put_right"]
    assert result["status"]["verdict"] == "healthy", result["status"]
    again = warren("up", "--json", *EMBEDDED)
    assert again.returncode == 0, again.stderr[-3000:]
    result = json.loads(again.stdout)
    assert result["put_right"] == []
    assert set(result["counts"]) == {"same"}


def erlang_call(kind: str, *arguments: str) -> str:
    return f"{kind}({','.join(arguments)})."


def resource(kind: str, name: str) -> str:
    return f'rabbit_misc:r(<<"{VHOST}">>, {kind}, <<"{name}">>)'


def test_every_kind_of_object_that_somebody_changed_is_named_and_put_right(
    estate: Estate, ctl: Callable[..., str]
) -> None:
    policy = f"warren.federation.{EXCHANGE}"
    vhost = ("--vhost", VHOST)
    ctl("clear_policy", *vhost, policy)
    ctl("set_policy", *vhost, f"warren.queue.{QUEUE}", "^x$", '{"max-length":5}', "--priority", "1")
    upstream = json.dumps({"uri": "amqps://me:hidden@10.0.0.1"})
    ctl("set_parameter", *vhost, "federation-upstream", "east", upstream)
    ctl("clear_parameter", *vhost, "federation-upstream-set", "east")
    ctl("set_permissions", *vhost, "producer", ".*", ".*", ".*")
    ctl("clear_permissions", *vhost, "monitoring")
    ctl("delete_user", "consumer")
    ctl("change_password", "producer", "by-hand")
    ctl("set_user_tags", "producer", "administrator")
    ctl("clear_vhost_limits", *vhost)
    binding = (
        f'{{binding, {resource("exchange", EXCHANGE)}, <<"#">>, {resource("queue", QUEUE)}, []}}'
    )
    ctl("eval", f'rabbit_binding:remove({binding}, <<"hand">>).')

    code, found = status()
    assert code == 1
    assert found["verdict"] == "degraded"
    assert drift(found) == {
        (f"policy {policy} in vhost {VHOST}", "missing"),
        (f"policy warren.queue.{QUEUE} in vhost {VHOST}", "changed"),
        (f"parameter federation-upstream east in vhost {VHOST}", "changed"),
        (f"parameter federation-upstream-set east in vhost {VHOST}", "missing"),
        (f"parameter vhost-limits limits in vhost {VHOST}", "missing"),
        (f"permission of user producer in vhost {VHOST}", "changed"),
        (f"permission of user monitoring in vhost {VHOST}", "missing"),
        ("user consumer", "missing"),
        ("user producer", "changed"),
        (f"binding of queue {QUEUE} to exchange {EXCHANGE} by '#' in vhost {VHOST}", "missing"),
    }
    assert drift(found, "east") == set()
    printed = warren("status", *EMBEDDED).stdout
    assert f"west: policy {policy} in vhost {VHOST} is missing" in printed
    assert "producer: its password is not the declared one" in printed
    assert "warren up --stack dev" in printed
    for secret in ("hidden", "by-hand", *estate.outputs["users"].values()):
        assert str(secret) not in printed + json.dumps(found)

    put_right()
    ledger = estate.publish("after-drift", 50)
    assert set(ledger.confirmed) <= set(estate.read(WEST, set(ledger.confirmed), 60))


def test_what_somebody_added_is_no_drift_and_stays(ctl: Callable[..., str]) -> None:
    ctl("add_user", "by-hand", "a-password-of-mine")
    ctl("set_policy", "--vhost", VHOST, "by-hand", "^by-hand$", '{"max-length":5}')
    try:
        code, found = status()
        assert (code, drift(found)) == (0, set())
        done = warren("up", "--json", *EMBEDDED)
        assert json.loads(done.stdout)["put_right"] == []
        assert "by-hand" in ctl("list_users")
        assert "by-hand" in ctl("list_policies", "--vhost", VHOST)
    finally:
        ctl("delete_user", "by-hand")
        ctl("clear_policy", "--vhost", VHOST, "by-hand")


def test_brokers_whose_definitions_are_all_gone_get_them_back_in_one_run(
    estate: Estate, ctl: Callable[..., str]
) -> None:
    """With the administrator, so that the topology job can't log in, and with what was remembered."""
    ctl("delete_vhost", VHOST)
    ctl("clear_global_parameter", "warren_declared")
    users = [line.split()[0] for line in ctl("list_users").splitlines() if "\t" in line]
    for user in users:
        if user != "user":
            ctl("delete_user", user)
    code, found = status()
    assert code == 1
    assert drift(found) == {("user admin", "changed")}
    assert "nobody can read what else differs" in " ".join(found["regions"][WEST]["problems"])

    put_right()
    ledger = estate.publish("after-all", 50)
    assert set(ledger.confirmed) <= set(estate.read(WEST, set(ledger.confirmed), 60))


def test_a_vhost_and_the_memory_that_are_gone_come_back(ctl: Callable[..., str]) -> None:
    ctl("delete_vhost", VHOST)
    ctl("clear_global_parameter", "warren_declared")
    code, found = status()
    assert code == 1
    assert drift(found) == {
        (f"vhost {VHOST}", "missing"),
        ("global parameter warren_declared", "missing"),
    }
    put_right()
