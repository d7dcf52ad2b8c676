"""What the estate promises of messages: what east confirms arrives in west, whatever breaks between."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from lab.api import Lab
from tests.lab.kube import delete_pod, restart_brokers
from tests.lab.messaging import Estate, Ledger

pytestmark = pytest.mark.lab


def test_10000_messages_cross_a_wan_of_60_ms_exactly_once(clean: Estate) -> None:
    ledger = clean.publish("plain", 10_000)
    assert len(ledger.confirmed) == 10_000
    seen = clean.read("west", set(ledger.confirmed), 120)
    assert set(seen) == set(ledger.confirmed)
    assert max(seen.values()) == 1, "nothing failed, and still a message came twice"


def _while_publishing(estate: Estate, prefix: str, disturb: Callable[[], None]) -> Ledger:
    """Publishes to east for as long as the disturbance lasts, and a little before and after."""
    stop = threading.Event()
    ledgers: list[Ledger] = []
    thread = threading.Thread(
        target=lambda: ledgers.append(estate.publish(prefix, until=stop)), daemon=True
    )
    thread.start()
    try:
        time.sleep(3)
        disturb()
        time.sleep(3)
    finally:
        stop.set()
        thread.join(60)
    assert ledgers, "the publisher failed"
    return ledgers[0]


def _all_arrived(estate: Estate, ledger: Ledger, seconds: float) -> int:
    """Asserts that nothing confirmed is lost; gives the number of duplicates."""
    seen = estate.read("west", set(ledger.confirmed), seconds)
    missing = set(ledger.confirmed) - set(seen)
    assert not missing, f"{len(missing)} confirmed messages are lost, such as {min(missing)}"
    return sum(seen.values()) - len(seen)


@pytest.mark.parametrize("region", ["east", "west"])
def test_a_killed_broker_loses_nothing_confirmed(clean: Estate, region: str) -> None:
    ledger = _while_publishing(
        clean, f"kill-{region}", lambda: delete_pod(clean, region, "rabbitmq-1", grace=0)
    )
    duplicates = _all_arrived(clean, ledger, 120)
    print(f"{len(ledger.confirmed)} confirmed, {duplicates} twice, {ledger.reconnects} reconnects")


def test_a_rolling_restart_loses_nothing_confirmed(clean: Estate) -> None:
    ledger = _while_publishing(clean, "roll", lambda: restart_brokers(clean, "east", 300))
    duplicates = _all_arrived(clean, ledger, 180)
    print(f"{len(ledger.confirmed)} confirmed, {duplicates} twice, {ledger.reconnects} reconnects")


def test_a_wan_cut_of_60_s_delays_and_loses_nothing(clean: Estate, lab: Lab) -> None:
    def cut() -> None:
        lab.cut("west")
        try:
            time.sleep(60)
        finally:
            lab.heal("west")

    ledger = _while_publishing(clean, "cut", cut)
    assert ledger.reconnects == 0, "east itself was not cut, and its publisher lost the connection"
    assert ledger.longest_gap < 5, "east stopped confirming while the WAN was cut"
    assert len(ledger.confirmed) > 1000
    _all_arrived(clean, ledger, 180)
