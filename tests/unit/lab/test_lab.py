"""The lab's pure parts, and its cable's own tests."""

from __future__ import annotations

import ipaddress
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lab import cgroups, configuration, images, parts, prerequisites
from lab.cli import milliseconds
from lab.errors import LabError, wait_for
from lab.identity import MOST_REGIONS, Place, free_wan, lab_identity
from lab.network import Impairment
from lab.processes import Processes, start_time

WAN = ipaddress.IPv4Network("10.200.3.0/24")


def places() -> list[Place]:
    return [Place(f"r{index}", index, "abc123", WAN) for index in range(MOST_REGIONS)]


def test_addresses_of_regions_do_not_overlap() -> None:
    pools = [ipaddress.IPv4Network(place.pool) for place in places()]
    nodes = [ipaddress.ip_address(place.node_ip) for place in places()]
    assert all(pool.subnet_of(WAN) for pool in pools)
    assert not [1 for a in pools for b in pools if a is not b and a.overlaps(b)]
    assert not [1 for node in nodes for pool in pools if node in pool]
    assert ipaddress.ip_address(places()[0].gateway) not in nodes


def test_names_of_devices_fit_the_kernel() -> None:
    for place in places():
        for name in (place.region_device, place.bridge_device):
            assert len(name) <= 15


def test_two_clones_have_two_labs(tmp_path: Path) -> None:
    assert lab_identity(tmp_path / "a") != lab_identity(tmp_path / "b")
    assert lab_identity(tmp_path / "a") == lab_identity(tmp_path / "a")


def test_a_network_in_use_is_not_taken() -> None:
    assert str(free_wan(["10.200.0.1/24", "10.200.1.0/24"])) == "10.200.2.0/24"
    with pytest.raises(LookupError):
        free_wan(["10.0.0.0/8"])


def test_cgroup_versions_are_told_apart(tmp_path: Path) -> None:
    hybrid, unified = tmp_path / "hybrid", tmp_path / "unified"
    (hybrid / "memory").mkdir(parents=True)
    (hybrid / "unified").mkdir()
    unified.mkdir()
    (unified / "cgroup.controllers").write_text("cpu memory pids")
    assert cgroups.version(hybrid) == 1
    assert cgroups.version(unified) == 2
    assert cgroups.hierarchies(unified) == [unified]


def test_a_v2_cgroup_gets_the_controllers_that_there_are(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids misc")
    cgroups.create("warren-x-east", tmp_path)
    wanted = (tmp_path / "warren-x-east" / "cgroup.subtree_control").read_text()
    assert wanted == "+cpu +memory +pids"


def test_a_v1_cpuset_is_not_left_empty(tmp_path: Path) -> None:
    (tmp_path / "cpuset").mkdir()
    (tmp_path / "cpuset" / "cpuset.cpus").write_text("0-1")
    (tmp_path / "cpuset" / "cpuset.mems").write_text("0")
    cgroups.create("g", tmp_path)
    assert (tmp_path / "cpuset" / "g" / "cpuset.cpus").read_text() == "0-1"


def test_an_image_is_the_same_bytes_for_the_same_files(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(b"x" * 1000)
    digests: list[str] = []
    for number in (1, 2):
        root = tmp_path / f"root{number}.tar"
        images.root_of_files({"/program": program}, root)
        digests.append(images.wrap("lab.local/x:1", root, tmp_path / f"{number}.tar", ["/program"]))
        os.utime(program, (number, number))
    assert digests[0] == digests[1]
    assert (tmp_path / "1.tar").read_bytes() == (tmp_path / "2.tar").read_bytes()


def test_the_rabbitmq_user_is_the_official_images() -> None:
    assert "rabbitmq:x:999:999:" in images.USER_HOOK
    command = images.mmdebstrap_command(images.RABBITMQ["4.3"], Path("h"), Path("o"))
    assert "sid" in command
    assert not [
        item for item in command if "allow-unauthenticated" in item or "trusted=yes" in item
    ]
    assert not [item for item in command if "Valid" in item], "a stale index, taken without a word"


@pytest.mark.parametrize(
    ("version", "right"),
    [
        ("4.3.5-1", True),
        ("4.3.12~rc1-2", True),
        ("4.3.4-1", False),
        ("4.4.0-1", False),
        ("3.13.7-1", False),
        ("none", False),
    ],
)
def test_an_image_is_of_its_series_and_new_enough(version: str, right: bool) -> None:
    assert images.fits(images.RABBITMQ["4.3"], version) is right


def _debootstrapper(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for mmdebstrap, first on PATH."""
    program = folder / "bin" / "mmdebstrap"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


def test_a_stale_index_is_taken_only_when_there_is_no_other_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _debootstrapper(
        tmp_path,
        'case "$*" in *Check-Valid-Until*) exit 0;; esac\n'
        'echo "E: Release file for x is expired (invalid since 18d 16h). Updates will not be applied."\n'
        "echo E: mmdebstrap failed to run; exit 1",
        monkeypatch,
    )
    said: list[str] = []
    make = (images.RABBITMQ["4.3"], Path("h"), tmp_path / "o", tmp_path / "log", said.append)
    parts.root_file_system(*make)
    assert len(said) == 1
    assert "old index of Debian sid (invalid since 18d 16h)" in said[0]


def test_another_failure_is_not_taken_for_a_stale_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _debootstrapper(tmp_path, "echo E: no such suite; exit 1", monkeypatch)
    with pytest.raises(LabError, match="no such suite"):
        parts.root_file_system(
            images.RABBITMQ["4.3"], Path("h"), tmp_path / "o", tmp_path / "log", print
        )


def test_packages_are_named_before_they_are_installed_and_can_be_forbidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(prerequisites.INSTALL, "no")
    with pytest.raises(LabError, match=r"missing, and .*forbids.*Run: apt-get install nftables$"):
        prerequisites.install(["nftables"], tmp_path / "state", print)
    assert list(tmp_path.iterdir()) == []


def test_pods_of_the_lab_are_never_privileged() -> None:
    paths = configuration.Paths(Path("/disk"), Path("/run/x"))
    assert "--allow-privileged=false" in configuration.apiserver_flags(places()[0], paths)


def test_a_part_is_known_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    first = parts.tree_key(tmp_path, "go1")
    assert parts.tree_key(tmp_path, "go1") == first
    assert parts.tree_key(tmp_path, "go2") != first
    (tmp_path / "a").write_text("2")
    assert parts.tree_key(tmp_path, "go1") != first


def test_merged_kubeconfigs_have_no_current_context() -> None:
    merged = configuration.merge_kubeconfigs(
        [configuration.kubeconfig(f"lab-{n}", f"https://{n}", {}, "") for n in ("a", "b")]
    )
    assert [item["name"] for item in merged["contexts"]] == ["lab-a", "lab-b"]
    assert "current-context" not in merged


def test_the_kubelet_takes_both_cgroup_versions_and_only_this_region() -> None:
    paths = configuration.Paths(Path("/disk"), Path("/run/x"))
    values = json.loads(configuration.kubelet(places()[0], paths))
    assert values["failCgroupV1"] is False
    assert values["cgroupRoot"] == "/warren-abc123-r0"
    assert values["authentication"]["anonymous"] == {"enabled": False}


@pytest.mark.parametrize(("text", "value"), [("60ms", 60), ("0.2s", 200), ("15", 15)])
def test_times_are_read(text: str, value: float) -> None:
    assert milliseconds(text) == value


def test_what_is_no_time_is_refused() -> None:
    with pytest.raises(LabError, match="60ms"):
        milliseconds("soon")


def test_a_wait_ends_and_says_what_for(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    log.write_text("first\nthe reason\n")
    with pytest.raises(
        LabError, match=r"the thing: not within 0 s\. Last line of part\.log: the reason"
    ):
        wait_for("the thing", lambda: False, 0.1, log=log)
    with pytest.raises(LabError, match="its process ended"):
        wait_for("the thing", lambda: False, 60, alive=lambda: False)


def test_a_pid_that_is_somebody_elses_is_never_signalled(tmp_path: Path) -> None:
    sleeper = subprocess.Popen(["sleep", "60"])
    try:
        processes = Processes(tmp_path, tmp_path)
        (tmp_path / "old.json").write_text(json.dumps({"pid": sleeper.pid, "start": "1"}))
        assert not processes.alive("old")
        processes.stop("old", grace=1)
        assert sleeper.poll() is None, "a process was ended that the lab did not start"
        record = {"pid": sleeper.pid, "start": start_time(sleeper.pid)}
        (tmp_path / "own.json").write_text(json.dumps(record))
        processes.stop("own", grace=5)
        assert start_time(sleeper.pid) is None
    finally:
        sleeper.kill()


def test_an_impairment_is_nothing_by_default() -> None:
    assert Impairment({}) == Impairment(round_trips={}, loss=0.0, hole=False)


def test_without_root_the_remedy_is_told_before_anything_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(LabError, match=r"needs root\. Run it as root, or name Kubernetes clusters"):
        prerequisites.check(tmp_path / "state", tmp_path / "cache", lambda _text: None)
    assert list(tmp_path.iterdir()) == []


def test_too_little_disk_is_told_with_both_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(prerequisites, "FREE_DISK_GIB", 10**9)
    with pytest.raises(LabError, match=r"GiB free, and the lab wants 1000000000 GiB"):
        prerequisites.check(tmp_path, tmp_path, lambda _text: None)


@pytest.mark.skipif(shutil.which("go") is None, reason="skipped: no `go` on PATH")
def test_the_labs_own_parts_in_go_keep_their_promises() -> None:
    """The cable delays, loses and swallows; addresses are given out once; policies become rules."""
    done = subprocess.run(
        # As the parts are built, so that their compiled packages serve here too.
        ["go", "test", "-trimpath", "-vet=off", "./balancer", "./cable", "./firewall"],
        cwd=parts.SOURCE,
        env={**os.environ, "CGO_ENABLED": "0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok ") == 3, done.stdout
