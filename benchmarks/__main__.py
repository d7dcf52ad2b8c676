"""`make bench`: offline plan time, publish rate and latency, link lag, on the running `dev` stack."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import plan
from benchmarks.load import Publisher, Reader, WindowedPublisher

ROOT = Path(__file__).parent.parent
SECONDS = 15.0
WINDOW = 100
"""Messages under way at once, as a client with asynchronous confirms has them."""


def warren(*arguments: str) -> str:
    """Runs the command; its standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "warren", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"warren {' '.join(arguments)} failed: {done.stderr[-1500:]}")
    return done.stdout


def percentiles(values: Sequence[float]) -> str:
    """Median, 95th and 99th percentile, in milliseconds."""
    cuts = statistics.quantiles(values, n=100)
    return f"p50 {cuts[49] * 1e3:.1f} ms, p95 {cuts[94] * 1e3:.1f} ms, p99 {cuts[98] * 1e3:.1f} ms"


def publishing(name: str, outputs: dict[str, object], readers: Sequence[str]) -> None:
    """Publishes one by one, then in a window; prints rate, confirm latency, and lag at the readers."""
    _publishing(f"{name}, one by one", Publisher(outputs, "east"), outputs, readers)
    settled()
    windowed = WindowedPublisher(outputs, "east", WINDOW)
    _publishing(f"{name}, {WINDOW} under way", windowed, outputs, readers)
    if windowed.refused:
        print(f"  {windowed.refused} refused by the broker")


def _publishing(
    name: str,
    publisher: Publisher | WindowedPublisher,
    outputs: dict[str, object],
    readers: Sequence[str],
) -> None:
    watching = [Reader(outputs, region) for region in readers]
    stop = threading.Event()
    threads = [
        threading.Thread(target=reader.run, args=(stop,), daemon=True) for reader in watching
    ]
    for thread in threads:
        thread.start()
    publisher.run(SECONDS)
    time.sleep(3)
    stop.set()
    for thread in threads:
        thread.join(10)
    rate = len(publisher.latencies) / SECONDS
    print(f"{name}: {rate:.0f} confirmed/s; {percentiles(publisher.latencies)}")
    for region, reader in zip(readers, watching, strict=True):
        print(f"  {len(reader.lags)} arrived in {region}, age {percentiles(reader.lags)}")


def settled(seconds: float = 180) -> None:
    """Waits until the link has fetched what was left behind: it would be measured as lag otherwise.

    A region that is cut off fetches nothing, and is not waited for.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = status()
        if all(link["lag_messages"] == 0 or link["state"] == "unknown" for link in found["links"]):
            return
        time.sleep(2)
    sys.exit(f"the link was not empty within {seconds:.0f} s")


def status() -> dict[str, Any]:
    """What `warren status` says, healthy or not."""
    done = subprocess.run(
        [sys.executable, "-m", "warren", "status", "--json", "--engine", "embedded"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return json.loads(done.stdout)


def main() -> None:
    """Prints everything in one run, so that figures can be held against each other."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"machine: {os.cpu_count()} cores, {memory:.0f} GiB; {time.strftime('%Y-%m-%d')}")
    plan.figures()
    warren("up", "--engine", "embedded")
    outputs = json.loads(warren("outputs", "--json", "--show-secrets", "--engine", "embedded"))
    subprocess.run(
        [sys.executable, "-m", "lab", "delay", "east", "west", "60ms"], cwd=ROOT, check=True
    )
    subprocess.run([sys.executable, "-m", "lab", "cut", "west"], cwd=ROOT, check=True)
    try:
        publishing("publish to east, west cut off", outputs, ["east"])
    finally:
        subprocess.run([sys.executable, "-m", "lab", "heal", "west"], cwd=ROOT, check=True)
    settled()
    publishing("publish to east, link on, 60 ms round trip", outputs, ["east", "west"])


if __name__ == "__main__":
    main()
