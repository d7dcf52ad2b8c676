"""The lab, for programs: start, stop, cut, heal, delay."""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import re
import shutil
import signal
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

from lab import cgroups, network, parts, prerequisites
from lab.configuration import Paths, merge_kubeconfigs
from lab.errors import LabError
from lab.identity import MOST_REGIONS, Place, bridge_name, free_wan, lab_identity
from lab.images import DEFAULT_RABBITMQ, RABBITMQ
from lab.parts import Progress
from lab.pki import write_private
from lab.region import Region
from lab.state import State, exclusive, load, save

DEFAULT_DIRECTORY = Path(".lab")


def _quiet(_text: str) -> None:
    return


class Lab:
    """The lab whose state is kept in one directory.

    Args:
        directory: of the state; `.lab` in the checkout by default. Its path is the lab's identity.
        progress: is told what goes on.
    """

    def __init__(
        self, directory: Path = DEFAULT_DIRECTORY, progress: Progress | None = None
    ) -> None:
        self.directory = directory.resolve()
        self.progress = progress or _quiet
        self.identity = lab_identity(self.directory)

    @property
    def kubeconfig(self) -> Path:
        """Contexts `lab-<region>`, one for each region; no current context."""
        return self.directory / "kubeconfig"

    # -- up and down -----------------------------------------------------------------------

    def up(self, regions: Sequence[str], versions: Sequence[str] = (DEFAULT_RABBITMQ,)) -> bool:
        """Starts the regions that do not run. Idempotent.

        Args:
            regions: names; more may be added to a running lab.
            versions: RabbitMQ series whose images the regions get.

        Returns:
            Whether anything had to be done.

        Raises:
            LabError: what is missing or failed, and what to do.
        """
        unknown = [item for item in versions if item not in RABBITMQ]
        if unknown:
            raise LabError(
                f"There is no image of RabbitMQ {unknown[0]}.",
                f"Choose from {', '.join(RABBITMQ)}.",
            )
        for name in regions:
            if not re.fullmatch(r"[a-z]([a-z0-9-]{0,18}[a-z0-9])?", name):
                raise LabError(
                    f"'{name}' can't be the name of a region: it becomes a host name.",
                    "Use 1 to 20 lower-case letters, digits and dashes, a letter first.",
                )
        with exclusive(self.directory):
            state = load(self.directory)
            if state is not None and self._is_up(state, regions, versions):
                return False
            prerequisites.check(self.directory, parts.cache_root(), self.progress)
            state = state or self._new_state()
            state.regions += [item for item in regions if item not in state.regions]
            state.versions = sorted({*state.versions, *versions})
            if len(state.regions) > MOST_REGIONS:
                raise LabError(
                    f"A lab has at most {MOST_REGIONS} regions.", "Take some out, or 'down' first."
                )
            save(self.directory, state)
            built = parts.build(self.progress, state.versions)
            self._start(state, [item for item in state.regions if item in regions], built)
            return True

    def _is_up(self, state: State, regions: Sequence[str], versions: Sequence[str]) -> bool:
        known = set(regions) <= set(state.regions) and set(versions) <= set(state.versions)
        return (
            known
            and self.kubeconfig.exists()
            and all(self.region(item, state).healthy() for item in regions)
        )

    def _new_state(self) -> State:
        try:
            wan = free_wan(network.networks_in_use())
        except LookupError:
            raise LabError(
                "The lab finds no free network: every one from 10.200.0.0/24 to 10.200.255.0/24 is in "
                "use.",
                "Stop other labs on this machine.",
            ) from None
        return State(self.identity, str(wan))

    def _start(self, state: State, regions: Sequence[str], built: parts.Parts) -> None:
        bridged = [state.place(item) for item in regions]
        if bridged:
            network.make_bridge(self.identity, bridged[0])
        with concurrent.futures.ThreadPoolExecutor() as pool:
            starts = [
                pool.submit(self.region(item, state).start, built, self.progress)
                for item in regions
            ]
            for start in starts:
                start.result()
        self._write_kubeconfig(state)
        self._impair(state)

    def _write_kubeconfig(self, state: State) -> None:
        merged = merge_kubeconfigs(
            [
                self.region(item, state).kubeconfig()
                for item in state.regions
                if (self._paths(item).pki / "admin.crt").exists()
            ]
        )
        write_private(self.kubeconfig, json.dumps(merged, indent=1).encode())

    def down(self, *, keep_disks: bool = False) -> bool:
        """Ends everything of this lab, also what a killed run has left.

        Args:
            keep_disks: leave etcd, volumes and keys, so that `up` brings the same regions back.

        Returns:
            Whether there was anything.
        """
        with exclusive(self.directory):
            try:
                state = load(self.directory)
            except LabError:
                state = None
            # Without the state, directories and namespaces tell which regions there were.
            regions = state.regions if state else self._traces()
            there = bool(regions) or Path(f"/sys/class/net/{bridge_name(self.identity)}").exists()
            known = state or State(self.identity, "10.200.0.0/24", list(regions))
            with concurrent.futures.ThreadPoolExecutor() as pool:
                list(pool.map(lambda item: self._end(item, known, keep_disks), regions))
            network.remove_bridge(self.identity)
            if not keep_disks:
                for name in ("kubeconfig", "lab.json"):
                    (self.directory / name).unlink(missing_ok=True)
                shutil.rmtree(self.directory / "regions", ignore_errors=True)
                shutil.rmtree(self._run_directory, ignore_errors=True)
            return there

    def _end(self, name: str, state: State, keep_disks: bool) -> None:
        region = self.region(name, state)
        region.kill()
        if not keep_disks:
            region.purge()
        self.progress(f"{name}: ended")

    def _traces(self) -> list[str]:
        prefix = f"warren-{self.identity}-"
        disks = self.directory / "regions"
        names = {item.name for item in disks.iterdir()} if disks.is_dir() else set[str]()
        spaces = Path("/run/netns")
        if spaces.is_dir():
            names |= {
                item.name.removeprefix(prefix)
                for item in spaces.iterdir()
                if item.name.startswith(prefix)
            }
        for hierarchy in cgroups.hierarchies():
            names |= {item.name.removeprefix(prefix) for item in hierarchy.glob(f"{prefix}*")}
        return sorted(names)

    # -- one region ------------------------------------------------------------------------

    @property
    def _run_directory(self) -> Path:
        return Path("/run") / f"warren-{self.identity}"

    def _paths(self, region: str) -> Paths:
        return Paths(self.directory / "regions" / region, self._run_directory / region)

    def region(self, name: str, state: State | None = None) -> Region:
        """A region's processes.

        Raises:
            LabError: the lab has no such region.
        """
        return Region((state or self.state()).place(name), self._paths(name))

    def region_addresses(self, name: str) -> dict[str, str]:
        """A region's addresses: `node` (API server on port 6443, NodePorts) and the `pool` of its
        LoadBalancer services."""
        place = self.state().place(name)
        return {"node": place.node_ip, "pool": place.pool}

    def state(self) -> State:
        """The lab's state.

        Raises:
            LabError: there is no lab.
        """
        state = load(self.directory)
        if state is None:
            raise LabError("The lab is not up.", "Start it: python -m lab up.")
        return state

    def kill(self, region: str) -> None:
        """Ends a region at once, as when a data centre loses power. Its disks stay."""
        with exclusive(self.directory):
            self.region(region).kill()

    def start(self, region: str) -> None:
        """Brings a killed region back on its disks, with the addresses that it had."""
        with exclusive(self.directory):
            state = self.state()
            built = parts.build(self.progress, state.versions)
            self._start(state, [region], built)

    # -- the WAN ---------------------------------------------------------------------------

    def delay(self, a: str, b: str, round_trip_ms: float) -> None:
        """Sets the round trip time between two regions, in milliseconds."""
        if a == b:
            raise LabError(f"'{a}' is named twice.", "A delay is between two regions.")
        if not 0 <= round_trip_ms <= 10_000:
            raise LabError(
                f"{round_trip_ms} ms is no round trip time.", "Give 0 to 10000 milliseconds."
            )
        with self._changed() as state:
            for region in (a, b):
                state.place(region)  # both must be there
            state.round_trips["|".join(sorted((a, b)))] = round_trip_ms

    def lose(self, region: str, share: float) -> None:
        """Loses a share (0 to 1) of all packets of a region."""
        with self._changed() as state:
            state.place(region)
            state.loss[region] = share

    def cut(self, region: str) -> None:
        """Makes all packets of a region vanish, in both directions. Nothing is refused."""
        with self._changed() as state:
            state.place(region)
            state.cut = sorted({*state.cut, region})

    def heal(self, region: str) -> None:
        """Ends a cut."""
        with self._changed() as state:
            state.place(region)
            state.cut = [item for item in state.cut if item != region]

    @contextlib.contextmanager
    def _changed(self) -> Generator[State]:
        with exclusive(self.directory):
            state = self.state()
            yield state
            self._impair(state)
            save(self.directory, state)

    def _impair(self, state: State) -> None:
        places = {item: state.place(item) for item in state.regions}
        for name in state.regions:
            region = self.region(name, state)
            if not region.outside.alive("cable"):
                continue
            trips: dict[str, float] = {}
            for pair, milliseconds in state.round_trips.items():
                ends = pair.split("|")
                if name in ends:
                    trips[ends[1] if ends[0] == name else ends[0]] = milliseconds
            network.impair(
                region.paths.control,
                network.Impairment(trips, state.loss.get(name, 0.0), name in state.cut),
                places,
            )

    # -- asking ----------------------------------------------------------------------------

    def status(self) -> dict[str, Any]:
        """What runs, where, and what the cables do."""
        state = load(self.directory)
        if state is None:
            return {"up": False, "regions": {}}
        regions = {item: self._region_status(item, state) for item in state.regions}
        return {
            "up": all(item["healthy"] for item in regions.values()),
            "kubeconfig": str(self.kubeconfig),
            "network": state.wan,
            "round_trips_ms": state.round_trips,
            "regions": regions,
        }

    def _region_status(self, name: str, state: State) -> dict[str, Any]:
        region = self.region(name, state)
        place: Place = region.place
        cable = region.outside.alive("cable")
        return {
            "healthy": region.healthy(),
            "cut": name in state.cut,
            "context": f"lab-{name}",
            "address": place.node_ip,
            "pool": place.pool,
            "down": sorted(
                item for item in region.processes.names() if not region.processes.alive(item)
            ),
            "cable": network.report(region.paths.control) if cable else None,
        }


@contextlib.contextmanager
def interruptible(how_to_go_on: str) -> Generator[None]:
    """Turns Ctrl-C and SIGTERM into an error that says how to go on."""

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        raise LabError("Interrupted.", how_to_go_on) from None
    finally:
        signal.signal(signal.SIGTERM, before)
