"""The WAN: a bridge on the host, a network namespace for each region, and a cable between them."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.errors import LabError, wait_for
from lab.identity import Place, bridge_name
from lab.processes import Processes


def run(*command: str, check: bool = True, namespace: str | None = None) -> str:
    """Runs a command and gives what it printed.

    Raises:
        LabError: it failed, and `check` is on.
    """
    argv = ["nsenter", f"--net=/run/netns/{namespace}", *command] if namespace else list(command)
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise LabError(
            f"'{' '.join(argv)}' failed: {(done.stderr or done.stdout).strip()}.",
            "Run 'python -m lab down', which clears what an earlier run left, and try again.",
        )
    return done.stdout


def networks_in_use() -> list[str]:
    """Every network that the host has an address or a route in."""
    used = [
        f"{address['local']}/{address['prefixlen']}"
        for interface in json.loads(run("ip", "-j", "-4", "addr"))
        for address in interface.get("addr_info", [])
    ]
    routes = json.loads(run("ip", "-j", "-4", "route"))
    used += [route["dst"] for route in routes if route["dst"] != "default"]
    return used


def make_bridge(lab: str, place: Place) -> None:
    """The bridge, once; the host is on it with the WAN's first address."""
    name = bridge_name(lab)
    if not Path(f"/sys/class/net/{name}").exists():
        run("ip", "link", "add", name, "type", "bridge")
        run("ip", "addr", "add", f"{place.gateway}/{place.wan.prefixlen}", "dev", name)
    run("ip", "link", "set", name, "up")


def remove_bridge(lab: str) -> None:
    """Takes the bridge away; nothing when there is none."""
    run("ip", "link", "del", bridge_name(lab), check=False)


def make_namespace(place: Place) -> None:
    """The region's network namespace, without a default route: nothing leaves the lab."""
    if not Path(f"/run/netns/{place.key}").exists():
        run("ip", "netns", "add", place.key)
    run("ip", "link", "set", "lo", "up", namespace=place.key)
    run(
        "sysctl",
        "-qw",
        "net.ipv4.ip_forward=1",
        "net.bridge.bridge-nf-call-iptables=1",
        namespace=place.key,
    )


def remove_namespace(place: Place) -> None:
    """Takes the namespace and the devices in it away."""
    if Path(f"/run/netns/{place.key}").exists():
        run("ip", "netns", "del", place.key, check=False)
    run("ip", "link", "del", place.bridge_device, check=False)


def connect(place: Place, processes: Processes, binary: Path, control: Path) -> None:
    """Plugs the region into the bridge by a cable of its own."""
    if processes.alive("cable"):
        return
    run("ip", "link", "del", place.bridge_device, check=False)
    control.parent.mkdir(parents=True, exist_ok=True)
    processes.start(
        "cable",
        [
            str(binary),
            "cable",
            "--region",
            place.region_device,
            "--bridge",
            place.bridge_device,
            "--control",
            str(control),
        ],
    )
    wait_for(
        f"cable of region {place.region}",
        control.is_socket,
        10,
        log=processes.log("cable"),
        alive=lambda: processes.alive("cable"),
        every=0.05,
    )
    inside = place.key
    run("ip", "link", "set", place.region_device, "netns", inside)
    run("ip", "link", "set", place.region_device, "name", "wan0", namespace=inside)
    address = f"{place.node_ip}/{place.wan.prefixlen}"
    run("ip", "addr", "replace", address, "dev", "wan0", namespace=inside)
    run("ip", "link", "set", "wan0", "up", namespace=inside)
    # Only so that the route look-up before the translation to a pod's address finds something.
    run("ip", "route", "replace", place.service_network, "via", place.gateway, namespace=inside)
    run("ip", "link", "set", place.bridge_device, "master", bridge_name(place.lab))
    run("ip", "link", "set", place.bridge_device, "up")


@dataclass(frozen=True)
class Impairment:
    """What a region's cable does to packets.

    Attributes:
        round_trips: round trip time to other regions, in milliseconds, by region.
        loss: share of packets lost, 0 to 1.
        hole: packets vanish, in both directions; nothing is refused.
    """

    round_trips: Mapping[str, float]
    loss: float = 0.0
    hole: bool = False


def impair(control: Path, wanted: Impairment, places: Mapping[str, Place]) -> dict[str, Any]:
    """Puts an impairment into force and gives the cable's report.

    A packet between two regions crosses both their cables, each way: a cable's delay is a quarter of
    the round trip.
    """
    delays = [
        {"network": network, "microseconds": round(milliseconds * 250)}
        for region, milliseconds in wanted.round_trips.items()
        for network in _networks(places[region])
    ]
    return _ask(control, {"delays": delays, "loss": wanted.loss, "hole": wanted.hole})


def report(control: Path) -> dict[str, Any]:
    """The cable's rules and counters."""
    return _ask(control, None)


def _networks(place: Place) -> Sequence[str]:
    return (f"{place.node_ip}/32", place.pool)


def _ask(control: Path, request: Mapping[str, Any] | None) -> dict[str, Any]:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(5)
            connection.connect(str(control))
            connection.sendall((json.dumps(request) if request else "").encode() + b"\n")
            answer = json.loads(connection.makefile().readline())
    except OSError as error:
        raise LabError(
            f"The cable at {control} does not answer ({error}).", "Run 'python -m lab up' again."
        ) from error
    if "error" in answer:
        raise LabError(f"The cable refused: {answer['error']}.", "Give another value.")
    return answer
