"""What the lab does about leftovers, interruptions and unusual machines; nothing of a machine is touched."""

from __future__ import annotations

import errno
import io
import ipaddress
import json
import os
import platform
import socket
import subprocess
import sys
import tarfile
import threading
from pathlib import Path

import pytest

from lab import cgroups, images, leftovers, network, parts, prerequisites
from lab.api import Lab
from lab.configuration import LONGEST_SOCKET, Paths
from lab.errors import LabError, wait_for
from lab.identity import Place
from lab.pki import Authority, write_private
from lab.processes import Processes, start_time, with_command
from lab.state import State, exclusive, load, save

WAN = ipaddress.IPv4Network("10.200.0.0/24")


def _running(command: list[str]) -> subprocess.Popen[bytes]:
    """A process whose command the kernel shows already: it does so a moment after the start."""
    process = subprocess.Popen(command)
    wait_for("the command in /proc", lambda: with_command(command) == process.pid, 10, every=0.01)
    return process


def test_a_process_that_was_not_written_down_is_found_by_its_command(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time; time.sleep(60)", str(tmp_path)]
    stray = _running(command)
    try:
        processes = Processes(tmp_path / "pids", tmp_path / "logs")
        processes.start("part", command)
        assert processes.pid("part") == stray.pid, "a second one was started beside it"
        processes.stop("part", grace=5)
        assert start_time(stray.pid) is None
    finally:
        stray.kill()


def test_a_command_must_be_the_same_to_the_last_argument(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time; time.sleep(60)", str(tmp_path)]
    process = _running(command)
    try:
        assert with_command(command) == process.pid
        assert with_command([*command[:-1], f"{tmp_path}x"]) is None
        assert with_command(command[:-1]) is None
    finally:
        process.kill()
        process.wait()


def test_a_process_that_outlives_is_started_once(tmp_path: Path) -> None:
    processes = Processes(tmp_path / "pids", tmp_path / "logs")
    # Found by its command if it ran already, and so its own: no other sleeps for just that long.
    command = ["sleep", f"60.{os.getpid()}"]
    processes.start("part", command)
    try:
        first = processes.pid("part")
        processes.start("part", command)
        assert first is not None
        assert processes.pid("part") == first
    finally:
        processes.stop("part", grace=0)
    assert not processes.alive("part")
    assert processes.names() == []


def test_mounts_of_a_region_are_told_from_its_neighbours() -> None:
    paths = Paths(Path("/state/regions/east"), Path("/run/warren-x/east"))
    table = "\n".join(
        [
            "tmpfs /state/regions/east/kubelet/pods/1/v tmpfs rw 0 0",
            "/dev/a /state/regions/east/kubelet ext4 rw 0 0",
            "/dev/a /state/regions/east-2/kubelet ext4 rw 0 0",
            "overlay /run/warren-x/east/containerd/a\\040b/rootfs overlay rw 0 0",
            "/dev/a /state/regions/east ext4 rw 0 0",
            "/dev/a / ext4 rw 0 0",
        ]
    )
    assert leftovers.own_mounts(table, paths) == [
        "/state/regions/east/kubelet/pods/1/v",
        "/state/regions/east/kubelet",
        "/run/warren-x/east/containerd/a b/rootfs",
    ]


def test_notes_of_the_regions_containers_go_and_others_stay(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "disk", tmp_path / "run")
    results = tmp_path / "results"
    results.mkdir()
    bundle = paths.run / "containerd" / "io.containerd.runtime.v2.task" / "k8s.io" / "aaa"
    bundle.mkdir(parents=True)
    foreign = tmp_path / "foreign.sock"
    foreign.touch()
    (bundle / "address").write_text(f"unix://{foreign}")
    kept = paths.disk / "containerd" / "io.containerd.grpc.v1.cri" / "sandboxes" / "bbb"
    kept.mkdir(parents=True)
    for container in ("aaa", "bbb", "ccc"):
        (results / f"cni-loopback-{container}-lo").touch()
    leftovers.forget_containers(paths, results)
    assert [item.name for item in results.iterdir()] == ["cni-loopback-ccc-lo"]
    assert foreign.exists(), "a socket outside the shims' directory was removed"


def test_links_to_logs_of_other_labs_stay(tmp_path: Path) -> None:
    links, disk = tmp_path / "links", tmp_path / "regions" / "east"
    links.mkdir()
    (links / "own.log").symlink_to(disk / "pod-logs" / "0.log")
    (links / "other.log").symlink_to(tmp_path / "regions" / "west" / "0.log")
    (links / "file.log").touch()
    leftovers.remove_log_links(disk, links)
    assert sorted(item.name for item in links.iterdir()) == ["file.log", "other.log"]


@pytest.mark.parametrize("length", [20, 250])
def test_the_kubelets_socket_fits_wherever_the_checkout_is(length: int) -> None:
    paths = Paths(Path("/" + "d" * length) / "regions" / "east", Path("/run/warren-abc123/east"))
    assert len(str(paths.kubelet / "pod-resources" / "kubelet.sock")) <= LONGEST_SOCKET
    assert len(str(paths.containerd_socket)) <= LONGEST_SOCKET
    assert paths.kubelet.is_relative_to(paths.disk) == (length == 20)


def test_hardware_addresses_are_local_unicast_and_each_regions_own() -> None:
    found = {
        Place(f"r{index}", index, lab, WAN).hardware_address
        for index in range(8)
        for lab in ("abc123", "fff000")
    }
    assert len(found) == 16
    for address in found:
        octets = [int(part, 16) for part in address.split(":")]
        assert len(octets) == 6
        assert octets[0] & 0b11 == 0b10, "not a locally administered unicast address"


def test_go_tests_are_no_part_of_what_is_built(tmp_path: Path) -> None:
    (tmp_path / "line.go").write_text("package cable")
    before = parts.tree_key(tmp_path)
    (tmp_path / "line_test.go").write_text("package cable")
    assert parts.tree_key(tmp_path) == before


def test_a_part_that_failed_is_not_taken_for_built(tmp_path: Path) -> None:
    def fails(target: Path, _log: Path) -> None:
        (target / "half").touch()
        raise LabError("No.", "Yes.")

    def works(target: Path, _log: Path) -> None:
        (target / "whole").touch()

    make = parts._part  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(LabError):
        make(tmp_path, "p-1", fails, lambda _text: None, "a part")
    assert not [item for item in tmp_path.iterdir() if item.is_dir()]
    # What a killed build has left is taken away by the next one.
    (tmp_path / "p-1.part-old").mkdir()
    assert sorted(
        item.name for item in make(tmp_path, "p-1", works, lambda _text: None, "a part").iterdir()
    ) == ["whole"]
    assert not (tmp_path / "p-1.part-old").exists()
    # And a built one is not built again.
    assert make(tmp_path, "p-1", fails, lambda _text: None, "a part").name == "p-1"


def test_versions_of_packages_are_read_from_the_image(tmp_path: Path) -> None:
    status = (
        b"Package: erlang-base\nStatus: install ok installed\nVersion: 1:29.1\nDescription: a: b\n"
        b" Version: 0\n\nPackage: rabbitmq-server\nVersion: 4.3.6-1\n\nPackage: other\nVersion: 1\n"
    )
    root = tmp_path / "root.tar"
    with tarfile.open(root, "w") as archive:
        entry = tarfile.TarInfo("./var/lib/dpkg/status")
        entry.size = len(status)
        archive.addfile(entry, io.BytesIO(status))
    assert images.package_versions(root, ("rabbitmq-server", "erlang-base")) == {
        "erlang-base": "1:29.1",
        "rabbitmq-server": "4.3.6-1",
    }


def test_an_image_says_its_machines_architecture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    root = tmp_path / "root.tar"
    images.root_of_files({}, root)
    images.wrap("lab.local/x:1", root, tmp_path / "image.tar", ["/x"], {"a": "b"})
    with tarfile.open(tmp_path / "image.tar") as archive:
        content = archive.extractfile("index.json")
        assert content is not None
        index = json.load(content)
        manifest = archive.extractfile(
            f"blobs/sha256/{index['manifests'][0]['digest'].removeprefix('sha256:')}"
        )
        assert manifest is not None
        digest = json.load(manifest)["config"]["digest"].removeprefix("sha256:")
        config = archive.extractfile(f"blobs/sha256/{digest}")
        assert config is not None
        values = json.load(config)
    assert index["manifests"][0]["platform"]["architecture"] == "arm64"
    assert values["architecture"] == "arm64"
    assert values["config"]["Labels"] == {"a": "b"}


def test_a_v2_controller_that_is_on_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpu memory")
    (tmp_path / "cgroup.subtree_control").write_text("cpu memory")
    (tmp_path / "cgroup.subtree_control").chmod(0o444)
    cgroups.create("g", tmp_path)
    assert (tmp_path / "cgroup.subtree_control").read_text() == "cpu memory"


def test_a_v2_group_that_refuses_is_told_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpu memory")

    def busy(_path: Path, _text: str) -> int:
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(Path, "write_text", busy)
    with pytest.raises(LabError, match=r"controllers cpu, memory could not be switched on"):
        cgroups.create("g", tmp_path)


def test_members_of_a_region_are_those_of_its_groups_in_every_hierarchy(tmp_path: Path) -> None:
    for hierarchy, pid in (("memory", 11), ("pids", 12)):
        pod = tmp_path / hierarchy / "warren-x-east" / "kubepods" / "pod1"
        pod.mkdir(parents=True)
        (pod / "cgroup.procs").write_text(f"{pid}\n")
        (tmp_path / hierarchy / "cgroup.procs").write_text("1\n")
    other = tmp_path / "memory" / "warren-x-west"
    other.mkdir()
    (other / "cgroup.procs").write_text("13\n")
    assert cgroups.members("warren-x-east", tmp_path) == [11, 12]


def test_one_command_at_a_time_changes_a_lab(tmp_path: Path) -> None:
    with (
        exclusive(tmp_path),
        pytest.raises(LabError, match=r"Another command changes this lab \(process \d+\)"),
        exclusive(tmp_path),
    ):
        pass
    with exclusive(tmp_path):
        pass


def test_the_state_is_read_as_it_was_written_and_damage_is_told(tmp_path: Path) -> None:
    assert load(tmp_path) is None
    state = State("abc123", "10.200.0.0/24", ["east"], {"east|west": 60.0}, cut=["east"])
    save(tmp_path, state)
    assert load(tmp_path) == state
    (tmp_path / "lab.json").write_text("{")
    with pytest.raises(LabError, match=r"is damaged.*python -m lab down"):
        load(tmp_path)


@pytest.mark.parametrize("name", ["East", "a_b", "-a", "a-", "", "x" * 21, "../a"])
def test_a_name_that_is_no_host_name_is_refused_before_anything_is_made(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(LabError, match="can't be the name of a region"):
        Lab(tmp_path / "lab").up([name])
    assert not (tmp_path / "lab").exists()


def test_orders_to_a_lab_that_is_not_up_say_so(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    for order in (lab.cut, lab.heal, lab.kill, lab.start):
        with pytest.raises(LabError, match="The lab is not up"):
            order("east")
    assert lab.status() == {"up": False, "regions": {}}


@pytest.mark.parametrize(
    ("pair", "value"), [(("a", "a"), 1.0), (("a", "b"), -1.0), (("a", "b"), 1e6)]
)
def test_delays_that_make_no_sense_are_refused(
    tmp_path: Path, pair: tuple[str, str], value: float
) -> None:
    save(tmp_path, State("abc123", "10.200.0.0/24", ["a", "b"]))
    with pytest.raises(LabError):
        Lab(tmp_path).delay(*pair, value)
    state = load(tmp_path)
    assert state is not None
    assert state.round_trips == {}


class _Cable:
    """Answers like a cable and keeps what it was told."""

    def __init__(self, path: Path) -> None:
        self.told: list[str] = []
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        self.listener.listen()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        connection, _ = self.listener.accept()
        with connection:
            self.told.append(connection.makefile().readline())
            connection.sendall(b'{"forwarded": 1}\n')


def test_a_cable_delays_by_a_quarter_of_the_round_trip_to_node_and_pool(tmp_path: Path) -> None:
    cable = _Cable(tmp_path / "c")
    west = Place("west", 1, "abc123", WAN)
    network.impair(tmp_path / "c", network.Impairment({"west": 60}, 0.01, True), {"west": west})
    cable.thread.join(5)
    cable.listener.close()
    assert json.loads(cable.told[0]) == {
        "delays": [
            {"network": "10.200.0.11/32", "microseconds": 15000},
            {"network": "10.200.0.80/28", "microseconds": 15000},
        ],
        "loss": 0.01,
        "hole": True,
    }


def test_a_cable_that_is_gone_is_told_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"does not answer .* Run 'python -m lab up' again"):
        network.report(tmp_path / "nothing")


def test_private_files_are_private_and_whole(tmp_path: Path) -> None:
    file = tmp_path / "key"
    write_private(file, b"first")
    write_private(file, b"2")
    assert file.read_bytes() == b"2"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [item.name for item in tmp_path.iterdir()] == ["key"]


def test_certificates_are_kept_so_that_a_killed_region_comes_back_as_itself(tmp_path: Path) -> None:
    first = Authority(tmp_path, "x")
    certificate, _key = first.issue("api", "kube-apiserver", addresses=["10.0.0.1"])
    before = certificate.read_bytes()
    again = Authority(tmp_path, "x")
    assert again.issue("api", "kube-apiserver", addresses=["10.0.0.1"])[0].read_bytes() == before


def test_other_systems_are_told_what_the_lab_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(LabError, match="only Linux has"):
        prerequisites.check(tmp_path / "state", tmp_path / "cache", lambda _text: None)
    assert list(tmp_path.iterdir()) == []
