"""The embedded engine against an API server of the tests' own: what it makes, keeps and takes away."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.api_server import ApiServer
from tests.support.projects import Make, silent, up
from warren.engines.base import Options
from warren.engines.embedded.engine import EmbeddedEngine
from warren.errors import WarrenError
from warren.live.objects import plural
from warren.runs.lock import locked
from warren.values import contains, mask, reveal

ROOT = Path(__file__).parents[3]
MAPS = "/api/v1/namespaces/space/configmaps/"
JOBS = "/apis/batch/v1/namespaces/space/jobs/"


def test_up_makes_everything_and_a_second_one_changes_nothing(
    make: Make, server: ApiServer
) -> None:
    project = make(maps=3, job="one")
    assert up(project)["create"] == 9
    before = list(server.requests)
    assert up(project) == {"same": 9}
    assert {path for method, path in server.requests[len(before) :] if method == "DELETE"} == set()


def test_outputs_come_from_the_live_objects_and_secrets_stay_marked(make: Make) -> None:
    outputs = EmbeddedEngine(make()).up(silent).outputs
    assert outputs["address"] == "192.0.2.1"
    assert contains(outputs["password"], "secret")
    assert mask(outputs)["password"] == "[secret]"
    assert len(reveal(outputs)["password"]) == 20


def test_a_password_is_made_once(make: Make) -> None:
    project = make()
    first = reveal(EmbeddedEngine(project).up(silent).outputs)["password"]
    assert reveal(EmbeddedEngine(make(maps=1)).up(silent).outputs)["password"] == first


def test_what_is_no_longer_registered_is_taken_away(make: Make, server: ApiServer) -> None:
    up(make(maps=2))
    assert f"{MAPS}map-1" in server.objects
    assert up(make(maps=1))["delete"] == 1
    assert f"{MAPS}map-1" not in server.objects
    assert f"{MAPS}map-0" in server.objects


def test_a_changed_value_updates_and_a_change_by_hand_is_repaired(
    make: Make, server: ApiServer
) -> None:
    up(make(maps=1))
    assert up(make(maps=1, value="b"))["update"] == 1
    assert server.objects[f"{MAPS}map-0"]["data"] == {"value": "b"}
    del server.objects[f"{MAPS}map-0"]
    assert up(make(maps=1, value="b"))["create"] == 1


def test_a_renamed_object_is_made_before_the_old_one_goes(make: Make, server: ApiServer) -> None:
    up(make(job="one"))
    assert up(make(job="two"))["replace"] == 1
    assert f"{JOBS}job-two" in server.objects
    assert f"{JOBS}job-one" not in server.objects


def test_a_failed_job_fails_up_and_is_run_again(make: Make, server: ApiServer) -> None:
    project = make(job="one")
    server.fail_jobs = True
    with pytest.raises(WarrenError, match="backoff limit"):
        up(project)
    server.fail_jobs = False
    counts = up(project)
    assert counts["replace"] == 1, "a job that failed has done nothing, and must run again"


def test_down_takes_everything_and_forgets_the_passwords(make: Make, server: ApiServer) -> None:
    project = make(maps=2)
    up(project)
    EmbeddedEngine(project).down(silent)
    assert [path for path in server.objects if path.endswith("/space")] == []
    assert not (project.directory / ".warren/test/state.json").exists()
    assert not (project.directory / ".warren/test/state.json.bak").exists()


def test_the_state_is_for_its_owner_only(make: Make) -> None:
    project = make()
    up(project)
    directory = project.directory / ".warren/test"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE((directory / "state.json").stat().st_mode) == 0o600


def test_a_damaged_state_is_named_with_its_backup(make: Make) -> None:
    project = make()
    up(project)
    (project.directory / ".warren/test/state.json").write_text("{")
    with pytest.raises(WarrenError, match=r"state\.json\.bak"):
        up(project)


def test_a_second_run_is_told_who_works(make: Make) -> None:
    project = make()
    with (
        locked(project.directory / ".warren/test", "up --stack test"),
        pytest.raises(WarrenError, match=f"'up --stack test', process {os.getpid()}"),
    ):
        up(project)


def test_an_unknown_context_names_those_that_there_are(make: Make, server: ApiServer) -> None:
    with pytest.raises(WarrenError, match=r"no context 'wrong' \(it has: test\)"):
        up(make(context="wrong"))
    assert server.requests == []


def test_an_unreadable_kubeconfig_is_named(make: Make) -> None:
    project = make()
    (project.directory / "kubeconfig").unlink()
    with pytest.raises(WarrenError, match="can't be read"):
        up(project)


def test_a_server_that_does_not_answer_is_named_with_its_address(
    make: Make, server: ApiServer
) -> None:
    project = make()
    server.close()
    with pytest.raises(WarrenError, match=server.url):
        up(project)


CLOUD = """
import pulumi, pulumi_kubernetes as k, pulumi_aws as aws
from pulumi_kubernetes import core
provider = k.Provider("p", kubeconfig="kubeconfig", context="test")
core.v1.Namespace("space", metadata={"name": "space"}, opts=pulumi.ResourceOptions(provider=provider))
aws.s3.Bucket("bucket")
"""


def test_cloud_resources_are_refused_by_name_before_anything_is_made(
    make: Make, server: ApiServer
) -> None:
    with pytest.raises(WarrenError, match="aws:s3/bucket:Bucket"):
        up(make(CLOUD))
    assert server.requests == []


def test_an_error_of_the_program_comes_through_as_it_is(make: Make) -> None:
    with pytest.raises(ZeroDivisionError):
        up(make("1 / 0"))


@pytest.mark.parametrize("moment", range(8))
def test_a_run_that_is_killed_is_simply_run_again(
    make: Make, server: ApiServer, moment: int
) -> None:
    """SIGKILL after the n-th change; then a run with fewer objects must still know of all."""
    project = make(maps=6, job="one")
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from warren.engines.embedded.engine import EmbeddedEngine\n"
        "from warren.runs.project import read\n"
        "EmbeddedEngine(read(Path(sys.argv[2]), 'test')).up(lambda text: None)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script, str(ROOT), str(project.directory)])
    end = time.monotonic() + 30
    while len(server.requests) <= moment and process.poll() is None and time.monotonic() < end:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    up(make(maps=1, job="two"))
    maps = {path for path in server.objects if path.startswith(MAPS)}
    jobs = {path for path in server.objects if path.startswith(JOBS)}
    assert maps == {f"{MAPS}map-0"}
    assert jobs == {f"{JOBS}job-two"}
    state = json.loads((project.directory / ".warren/test/state.json").read_text())
    assert [item["urn"] for item in state["resources"] if item["intent"]] == []


RUN = (
    "import sys; sys.path.insert(0, sys.argv[1])\n"
    "from pathlib import Path\n"
    "from warren.errors import WarrenError\n"
    "from warren.engines.embedded.engine import EmbeddedEngine\n"
    "from warren.runs.project import read\n"
    "try:\n"
    "    EmbeddedEngine(read(Path(sys.argv[2]), 'test')).up(lambda text: print(text, flush=True))\n"
    "except WarrenError as error:\n"
    "    print(error, flush=True)\n"
    "    sys.exit(error.exit_code)\n"
)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_waits_and_the_next_run_goes_on(
    make: Make, server: ApiServer, number: signal.Signals
) -> None:
    """Waiting for a Job that never completes must not hold Ctrl-C up for ten minutes."""
    project = make(maps=2, job="one")
    server.never_ready = True
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(ROOT), str(project.directory)],
        stdout=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 30
    while f"{JOBS}job-one" not in server.objects and time.monotonic() < end:
        time.sleep(0.01)
    began = time.monotonic()
    process.send_signal(number)
    out, _ = process.communicate(timeout=20)
    assert time.monotonic() - began < 8
    assert process.returncode == 130, out
    assert "once more ends at once" in out
    assert "run up again and it goes on" in out
    server.never_ready = False
    # The cluster goes on meanwhile.
    for item in server.objects.values():
        item["status"] = server.status(item)
    counts = up(project)
    assert sum(counts.values()) == 8
    assert counts.keys() <= {"same", "create"}, "what was under way is not made a second time"


def test_another_cluster_behind_the_same_context_is_refused(make: Make, server: ApiServer) -> None:
    """A kubeconfig that was pointed elsewhere must not build, or delete, in a stranger's cluster."""
    project = make(maps=1)
    up(project)
    server.identity = "uid-of-another"
    changes = len(server.requests)
    for run in (EmbeddedEngine(project).up, EmbeddedEngine(project).down):
        with pytest.raises(WarrenError, match=r"leads to another cluster .*--rebuilt"):
            run(silent)
    assert len(server.requests) == changes, "nothing may be touched"


def test_a_rebuilt_cluster_is_filled_again_with_the_same_passwords(
    make: Make, server: ApiServer
) -> None:
    project = make(maps=1)
    first = reveal(EmbeddedEngine(project).up(silent).outputs)["password"]
    server.identity = "uid-of-the-new"
    server.objects.clear()
    found = EmbeddedEngine(project, Options(rebuilt=True)).up(silent)
    assert f"{MAPS}map-0" in server.objects
    assert reveal(found.outputs)["password"] == first
    assert up(project) == {"same": 6}, "and from then on it is the stack's cluster"


def test_a_user_who_may_not_see_the_identity_is_told_so(make: Make, server: ApiServer) -> None:
    project = make(maps=1)
    up(project)
    server.identity = None
    said: list[str] = []
    EmbeddedEngine(project).up(said.append)
    assert any("can't tell whether it is still the same cluster" in text for text in said)
    server.identity = "uid-of-another"
    with pytest.raises(WarrenError, match="leads to another cluster"):
        up(project)


def test_down_with_a_lost_cluster_says_how_and_forgets_it(make: Make, server: ApiServer) -> None:
    project = make(maps=1)
    up(project)
    server.close()
    with pytest.raises(WarrenError, match="warren down --skip-unreachable"):
        EmbeddedEngine(project).down(silent)
    assert (project.directory / ".warren/test/state.json").exists()
    said: list[str] = []
    EmbeddedEngine(project, Options(skip_unreachable=True)).down(said.append)
    assert any("forgotten, not deleted" in text for text in said)
    assert not (project.directory / ".warren/test/state.json").exists()


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("NetworkPolicy", "networkpolicies"),
        ("StorageClass", "storageclasses"),
        ("Ingress", "ingresses"),
        ("Endpoints", "endpoints"),
        ("Gateway", "gateways"),
        ("PodDisruptionBudget", "poddisruptionbudgets"),
    ],
)
def test_paths_of_kinds(kind: str, path: str) -> None:
    assert plural(kind) == path
