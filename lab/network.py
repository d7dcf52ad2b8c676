"""The WAN: a bridge on the host, a network namespace for each region, and a cable between them."""

from __future__ import annotations

import ipaddress
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.errors import LabError, wait_for
from lab.identity import Place, bridge_name
from lab.processes import Processes, end, with_argument


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
    """The bridge, once; the host is on it with the WAN's first address.

    Raises:
        LabError: the lab's network is in use by something else since the lab chose it.
    """
    name = bridge_name(lab)
    if not Path(f"/sys/class/net/{name}").exists():
        for used in networks_in_use():
            if place.wan.overlaps(ipaddress.IPv4Network(used, strict=False)):
                raise LabError(
                    f"The lab's network {place.wan} overlaps {used}, which this machine uses now.",
                    "Run 'python -m lab down' and then 'up': it chooses a free one.",
                )
        run("ip", "link", "add", name, "type", "bridge")
    run("ip", "addr", "replace", f"{place.gateway}/{place.wan.prefixlen}", "dev", name)
    run("ip", "link", "set", name, "up")
    _forward(name)


def _forward(bridge: str) -> None:
    """Lets frames pass between the regions where the host's firewall sees bridged ones and forwards
    none of its own accord, as with Docker."""
    switch = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")
    if switch.exists() and switch.read_text().strip() == "1" and not _rule("-C", bridge):
        _rule("-I", bridge)


def _rule(action: str, bridge: str) -> bool:
    rule = ["FORWARD", "-i", bridge, "-o", bridge, "-j", "ACCEPT"]
    done = subprocess.run(
        ["iptables", "-w", "10", action, *rule], capture_output=True, check=False, timeout=30
    )
    return done.returncode == 0


def remove_bridge(lab: str) -> None:
    """Takes the bridge away, and cables' ends that a killed run has left; nothing when none is there."""
    bridge = bridge_name(lab)
    if shutil.which("iptables"):
        for _ in range(8):
            if not _rule("-D", bridge):
                break
    for device in Path("/sys/class/net").glob(f"w{lab}*"):
        run("ip", "link", "del", device.name, check=False)


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
    """Plugs the region into the bridge by a cable of its own.

    Each step looks first whether it is done: a killed run may have stopped between any two.
    """
    inside = place.key
    if not (processes.alive("cable") and _ends(place)):
        unplug(place, processes, control)
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
    if _device(place.region_device):
        run("ip", "link", "set", place.region_device, "netns", inside)
    if _device(place.region_device, inside):
        run("ip", "link", "set", place.region_device, "name", "wan0", namespace=inside)
    run("ip", "link", "set", "wan0", "address", place.hardware_address, namespace=inside)
    address = f"{place.node_ip}/{place.wan.prefixlen}"
    run("ip", "addr", "replace", address, "dev", "wan0", namespace=inside)
    run("ip", "link", "set", "wan0", "up", namespace=inside)
    # Only so that the route look-up before the translation to a pod's address finds something.
    run("ip", "route", "replace", place.service_network, "via", place.gateway, namespace=inside)
    run("ip", "link", "set", place.bridge_device, "master", bridge_name(place.lab))
    run("ip", "link", "set", place.bridge_device, "up")


def unplug(place: Place, processes: Processes, control: Path) -> None:
    """Ends the region's cable, also one that a killed run has started and not written down."""
    processes.stop("cable", grace=0)
    end(with_argument(str(control)))
    control.unlink(missing_ok=True)
    run("ip", "link", "del", place.bridge_device, check=False)


def _device(name: str, namespace: str | None = None) -> bool:
    return bool(run("ip", "link", "show", name, check=False, namespace=namespace))


def _ends(place: Place) -> bool:
    """Whether both ends of the cable are there, the region's wherever it has come to."""
    return _device(place.bridge_device) and (
        _device("wan0", place.key)
        or _device(place.region_device, place.key)
        or _device(place.region_device)
    )


# One question, of type A; server and name are arguments. An answer counts when its code is 0 (no error)
# and it has a record.
_RESOLVE = """
import socket, struct, sys
query = struct.pack("!6H", 7, 0x0100, 1, 0, 0, 0)
query += b"".join(bytes([len(part)]) + part.encode() for part in sys.argv[2].split("."))
query += bytes([0]) + struct.pack("!2H", 1, 1)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
    asking.settimeout(1)
    asking.sendto(query, (sys.argv[1], 53))
    identity, flags, _, answers = struct.unpack("!4H", asking.recv(512)[:8])
sys.exit(0 if identity == 7 and flags & 15 == 0 and answers else 1)
"""


def resolves(namespace: str, server: str, name: str) -> bool:
    """Whether a DNS server, asked from inside a namespace, knows an address of a name."""
    command = ["nsenter", f"--net=/run/netns/{namespace}", sys.executable, "-c", _RESOLVE]
    done = subprocess.run([*command, server, name], capture_output=True, check=False, timeout=30)
    return done.returncode == 0


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
            f"The cable at {control} does not answer ({error.strerror or 'no word in 5 s'}).",
            "Run 'python -m lab up' again.",
        ) from error
    if "error" in answer:
        raise LabError(f"The cable refused: {answer['error']}.", "Give another value.")
    return answer
