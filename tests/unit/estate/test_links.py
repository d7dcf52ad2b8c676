"""What an operator is told of a link: the truth of now, also where a broker still tells of before."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.links import Estate, watch
from components.outputs import LinkOutputs
from components.settings.links import FederationLink
from components.settings.topology import Topology
from components.watch import Watch
from warren.estate.links import LinkStatus, link_status

LINK = FederationLink.model_validate(
    {"from": "east", "to": "west", "vhost": "shop", "exchanges": ".*"}
)
ESTATE = Estate(
    Topology.model_validate({"vhosts": {"shop": {"exchanges": {"orders": {}, "audit": {}}}}}),
    {},
    {"east": "warren-dev-east", "west": "warren-dev-west"},
)
SPEC = LinkOutputs(
    name="east.west:shop",
    kind="federation",
    from_="east",
    to="west",
    vhost="shop",
    # As it comes back from a state file.
    watch=Watch.from_data(json.loads(json.dumps(watch(LINK, ESTATE).to_data()))),
)
PLACE = ("west", "/api/federation-links")


def report(exchange: str, status: str, second: int = 0, **other: Any) -> dict[str, Any]:
    return {
        "exchange": exchange,
        "upstream": "east",
        "vhost": "shop",
        "status": status,
        "timestamp": f"2026-01-01 00:00:{second:02}",
        **other,
    }


def judged(*reports: dict[str, Any]) -> LinkStatus:
    return link_status(SPEC, {PLACE: reports}, {})


def test_all_exchanges_running_is_running() -> None:
    found = judged(report("orders", "running"), report("audit", "running"))
    assert (found.state, found.problems) == ("running", [])


def test_one_exchange_down_is_the_links_state_and_is_named() -> None:
    found = judged(report("orders", "running"), report("audit", "error"))
    assert found.state == "error"
    assert found.problems == ["exchange audit: it is error"]


@pytest.mark.parametrize("order", [1, -1])
def test_what_a_node_tells_of_before_does_not_count(order: int) -> None:
    reports = [
        report("orders", "upstream_channel_down", 5, node="rabbit@rabbitmq-1"),
        report("orders", "running", 24, node="rabbit@rabbitmq-2"),
        report("audit", "running"),
    ]
    assert judged(*reports[::order]).state == "running"


def test_a_link_that_went_down_later_is_down_whatever_another_node_says() -> None:
    found = judged(
        report("orders", "running", 5), report("orders", "error", 24), report("audit", "running")
    )
    assert found.state == "error"


def test_in_the_same_second_only_a_live_process_says_running() -> None:
    for reports in (
        [report("orders", "running"), report("orders", "starting")],
        [report("orders", "starting"), report("orders", "running")],
    ):
        assert judged(*reports, report("audit", "running")).state == "running"


@pytest.mark.parametrize(
    "strange",
    [
        report("payments", "running"),
        report("audit", "running", upstream="asia"),
        report("audit", "running", vhost="other"),
    ],
    ids=["exchange", "upstream", "vhost"],
)
def test_another_links_report_does_not_stand_in_for_one_that_is_missing(
    strange: dict[str, Any],
) -> None:
    found = judged(report("orders", "running"), strange)
    assert found.state == "missing"
    assert found.problems == ["1 of 2 exchanges have a link"]


def test_a_downstream_that_cannot_be_asked_is_unknown_and_no_problem_of_the_link() -> None:
    found = link_status(SPEC, {PLACE: None}, {})
    assert (found.state, found.lag_messages, found.problems) == ("unknown", None, [])


def test_lag_is_the_sum_of_what_upstream_holds_and_unknown_when_a_part_is() -> None:
    orders, audit = (
        ("east", "shop", f"federation: {name} -> warren-dev-west") for name in ("orders", "audit")
    )
    assert link_status(SPEC, {}, {orders: 3, audit: 4}).lag_messages == 7
    assert link_status(SPEC, {}, {orders: 0, audit: 0}).lag_messages == 0
    assert link_status(SPEC, {}, {orders: 3, audit: None}).lag_messages is None
    assert link_status(SPEC, {}, {orders: 3}).lag_messages is None
