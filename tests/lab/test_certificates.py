"""New certificates reach running brokers: nobody wants a rolling restart on the day they expire."""

from __future__ import annotations

import hashlib
import socket
import ssl
import time
from pathlib import Path
from typing import Any

import pytest

from tests.lab.conftest import warren
from tests.lab.kube import cluster
from tests.lab.messaging import Estate
from tests.lab.test_estate import EMBEDDED, changed

pytestmark = pytest.mark.lab

SECONDS = 240
"""The kubelet renews mounted secrets within its sync period, and Erlang keeps a file for two minutes."""


def _presented(estate: Estate, region: str) -> str:
    """Fingerprint of the certificate that the region's entry presents, verified against the CA."""
    spec = estate.outputs["regions"][region]
    context = ssl.create_default_context(cadata=estate.outputs["ca"])
    with (
        socket.create_connection((spec["host"], int(spec["port"])), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=spec["server_name"]) as secure,
    ):
        found = secure.getpeercert(binary_form=True)
    assert found is not None
    return hashlib.sha256(found).hexdigest()


def _pods(estate: Estate, region: str) -> dict[str, tuple[str, int]]:
    """The brokers' identities and restarts."""
    path = f"/api/v1/namespaces/{estate.outputs['namespace']}/pods"
    return {
        item["metadata"]["name"]: (
            item["metadata"]["uid"],
            item["status"]["containerStatuses"][0]["restartCount"],
        )
        for item in cluster(estate, region).request("GET", path)["items"]
        if item["metadata"]["labels"].get("app.kubernetes.io/component") == "broker"
    }


def test_renewed_certificates_are_served_without_a_restart(clean: Estate, tmp_path: Path) -> None:
    regions = ("east", "west")
    pods = {region: _pods(clean, region) for region in regions}
    old = {region: _presented(clean, region) for region in regions}
    assert all(len(found) == 3 for found in pods.values())

    def renewed(config: dict[str, Any]) -> None:
        config["warren:tls"] = {"certificate_validity": "400d"}

    try:
        done = warren("up", *EMBEDDED, cwd=changed(tmp_path, renewed))
        assert done.returncode == 0, done.stderr[-2000:]
        # Each connection may meet another broker: several in a row must present something new.
        end, new = time.monotonic() + SECONDS, 0
        while new < 6 and time.monotonic() < end:
            fresh = all(_presented(clean, region) != old[region] for region in regions)
            new = new + 1 if fresh else 0
            time.sleep(0.2 if fresh else 2)
        assert new == 6, f"the old certificate was still presented after {SECONDS} s"
        assert {region: _pods(clean, region) for region in regions} == pods
        ledger = clean.publish("renewed", 50)
        assert set(clean.read("west", set(ledger.confirmed), 60)) >= set(ledger.confirmed)
    finally:
        done = warren("up", *EMBEDDED)
        assert done.returncode == 0, done.stderr[-2000:]
