"""Puts right what brokers hold otherwise than declared: the region's topology job is run once more.

The job is the engine's, and stays as it is; what runs is a copy of it that belongs to it, so that it
goes where the job goes, and goes by itself a day later. So it is the same whichever engine made the
stack: neither looks into brokers, and neither has to be told.

Where the brokers do not know the administrator any more the job could not log in. Then the command
line of a broker lets it in first: it needs no password, only the right to run commands in the pod.
"""

from __future__ import annotations

import concurrent.futures
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from warren.errors import WarrenError
from warren.estate import holdings
from warren.estate.status import EstateStatus, ready_pods
from warren.live.kubernetes import CONNECT_SECONDS, READ_SECONDS, ApiError, Cluster
from warren.live.objects import ObjectRef
from warren.live.rabbitmq import Login, ManagementError, opened
from warren.live.reasons import reason
from warren.live.streams import execute
from warren.runs.progress import Progress
from warren.values import Properties, reveal

KEPT_SECONDS = 24 * 3600
"""How long a copy of the job stays after its end, for whoever wants to read its log."""

_POLL_SECONDS = 0.5


def drifted(status: EstateStatus) -> list[str]:
    """Regions whose brokers differ from what is declared."""
    return [name for name, region in status.regions.items() if region.drift]


def put_right(
    status: EstateStatus, outputs: Properties, directory: Path, progress: Progress
) -> list[str]:
    """Runs the topology job again in every region that drifted, side by side.

    Args:
        status: what was found.
        outputs: the stack's.
        directory: of the project.
        progress: told what differs, and what is done about it.

    Returns:
        What was put right, one line an object.

    Raises:
        WarrenError: it could not be; what is done by then stays done.
    """
    known = reveal(outputs)
    names = drifted(status)
    lines = [f"{name}: {item}" for name in names for item in status.regions[name].drift]
    for line in lines:
        progress(f"{line}; putting it right")
    if names:
        with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
            list(pool.map(lambda name: _put_right(name, known, directory, progress), names))
    return lines


def let_administrators_in(outputs: Properties, directory: Path, progress: Progress) -> bool:
    """Makes brokers know their administrator again where they do not; whether there were such.

    For a run whose topology jobs failed, perhaps for that. Regions that can't be asked are left.
    """
    known = reveal(outputs)
    found = False
    for name in known["regions"]:
        try:
            region = _Region(name, known, directory, progress)
            if region.pods and not region.knows_administrator():
                region.let_administrator_in()
                found = True
        except (WarrenError, ManagementError, ApiError, OSError, holdings.NotDeclaredError):
            continue
    return found


def _put_right(name: str, known: Properties, directory: Path, progress: Progress) -> None:
    try:
        region = _Region(name, known, directory, progress)
        if not region.pods:
            return  # status says so, and that is to be mended first
        if not region.knows_administrator():
            region.let_administrator_in()
        region.run_job()
    except (ManagementError, ApiError, holdings.NotDeclaredError) as error:
        raise _not_put_right(name, str(error)) from None
    except OSError as error:
        raise _not_put_right(name, str(reason(error, CONNECT_SECONDS, READ_SECONDS))) from None


def _not_put_right(name: str, why: str) -> WarrenError:
    return WarrenError(
        f"{name}: what its brokers hold could not be put right: {why}.",
        "Mend that and run up again; it goes on from here.",
    )


class _Region:
    """A region whose brokers are put right."""

    def __init__(self, name: str, known: Properties, directory: Path, progress: Progress) -> None:
        spec = known["regions"][name]
        self.name = name
        self.namespace = str(known["namespace"])
        self.cluster = Cluster(spec.get("kubeconfig"), spec["context"], directory)
        self.pods = ready_pods(self.cluster, self.namespace)
        self.wanted = holdings.declared(self.cluster, self.namespace)
        self._login = Login(
            holdings.ADMIN, self.wanted.password, known["ca"], str(spec["server_name"])
        )
        self._say = progress

    def knows_administrator(self) -> bool:
        """Whether its brokers let the administrator in."""
        try:
            with opened(self.cluster, self.namespace, self.pods[0], self._login) as management:
                management.get("/api/whoami")
        except ManagementError as error:
            if error.status == 401:
                return False
            raise
        return True

    def let_administrator_in(self) -> None:
        """Imports the administrator's own entry of the declared document by a broker's command line."""
        entry = {
            "users": [
                user for user in self.wanted.document["users"] if user["name"] == holdings.ADMIN
            ]
        }
        text = json.dumps(entry)
        self._say(
            f"{self.name}: letting the administrator in by the command line of {self.pods[0]}"
        )
        done = execute(
            self.cluster,
            self.namespace,
            self.pods[0],
            ["sh", "-c", f"head -c {len(text.encode())} | rabbitmqctl import_definitions"],
            container="rabbitmq",
            given=text,
        )
        if done.code:
            raise WarrenError(
                f"{self.name}: its brokers do not know the administrator, and the command line of "
                f"{self.pods[0]} could not change that: {(done.stdout + done.stderr).strip()[-300:]}",
                "Look at that broker's log, mend the cause and run up again.",
            )

    def run_job(self) -> None:
        """Runs the topology job once more and waits for its end."""
        original = self._job()
        copy = copy_of(original, time.strftime("%y%m%d%H%M%S", time.gmtime()))
        ref = ObjectRef("batch/v1", "Job", self.namespace, copy["metadata"]["name"])
        self._say(f"{self.name}: running the topology job again, as {ref}")
        live = self.cluster.request("POST", ref.path(with_name=False), copy)
        seconds = float(copy["spec"].get("activeDeadlineSeconds", 600)) + 30
        end = time.monotonic() + seconds
        while (outcome := _outcome(live)) is None:
            if time.monotonic() > end:
                raise WarrenError(
                    f"{ref} in region {self.name} was not done within {seconds:.0f} s.",
                    "Look at its pods (kubectl describe), mend the cause and run up again.",
                )
            time.sleep(_POLL_SECONDS)
            live = self._again(ref, live)
        if outcome == "Failed":
            raise WarrenError(
                f"{ref} in region {self.name} failed: {self._why(copy['metadata']['name'])}",
                "Mend what it says and run up again.",
            )

    def _job(self) -> dict[str, Any]:
        jobs = self.cluster.request(
            "GET",
            f"/apis/batch/v1/namespaces/{self.namespace}/jobs"
            "?labelSelector=app.kubernetes.io/component%3Dtopology",
        )["items"]
        own = [job for job in jobs if not job["metadata"].get("ownerReferences")]
        if not own:
            raise WarrenError(
                f"{self.name}: its topology job is not there, so that it can't be run again.",
                "The engine makes it anew: warren up --rebuilt.",
            )
        return max(own, key=lambda job: job["metadata"]["creationTimestamp"])

    def _again(self, ref: ObjectRef, live: dict[str, Any]) -> dict[str, Any]:
        try:
            return self.cluster.get(ref) or live
        except OSError:
            return live  # a moment without the API server; the limit above still holds
        except ApiError as error:
            if error.status < 500 and error.status != 429:
                raise
            return live

    def _why(self, job: str) -> str:
        """What the job's log says of its failure."""
        path = f"/api/v1/namespaces/{self.namespace}/pods"
        pods = self.cluster.request(
            "GET", f"{path}?labelSelector=batch.kubernetes.io/job-name%3D{job}"
        )
        for pod in reversed(pods["items"]):
            try:
                log = self.cluster.text("GET", f"{path}/{pod['metadata']['name']}/log?tailLines=20")
            except (OSError, ApiError):
                continue
            said = [line for line in log.splitlines() if line.startswith("FAILED: ")]
            if said:
                return said[-1].removeprefix("FAILED: ")
        return f"see its log: kubectl --namespace {self.namespace} logs job/{job}"


def copy_of(job: Mapping[str, Any], suffix: str) -> dict[str, Any]:
    """The same job under another name, owned by the first one. Pure.

    What the Job controller added is left out: it adds it to the copy anew
    (`batch.kubernetes.io/controller-uid` and its older names).
    """
    metadata, spec = job["metadata"], job["spec"]
    template = spec["template"]
    labels = {
        key: value
        for key, value in (template["metadata"].get("labels") or {}).items()
        if key.rpartition("/")[2] not in ("controller-uid", "job-name")
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": f"{metadata['name']}-{suffix}",
            "namespace": metadata["namespace"],
            "labels": dict(metadata.get("labels") or {}),
            "ownerReferences": [
                {
                    "apiVersion": "batch/v1",
                    "kind": "Job",
                    "name": metadata["name"],
                    "uid": metadata["uid"],
                }
            ],
        },
        "spec": {
            "backoffLimit": 1,
            "activeDeadlineSeconds": spec.get("activeDeadlineSeconds", 600),
            "ttlSecondsAfterFinished": KEPT_SECONDS,
            "template": {"metadata": {"labels": labels}, "spec": template["spec"]},
        },
    }


def _outcome(job: Mapping[str, Any]) -> str | None:
    """Complete or Failed; None while it runs."""
    for condition in (job.get("status") or {}).get("conditions") or []:
        if condition["type"] in ("Complete", "Failed") and condition["status"] == "True":
            return str(condition["type"])
    return None
