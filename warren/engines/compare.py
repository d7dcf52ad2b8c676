"""Two versions of program and config, held against each other resource by resource.

Made for pull requests from people who have no credentials: both versions are planned offline, from
nothing, and what differs is told, what can lose data first.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from warren.engines.base import EngineError
from warren.engines.replacement import replacing
from warren.engines.values import PropertyChange, diff

SCHEMA = "warren.comparison/1"

HOLDS_DATA = (
    "Bucket",
    "Cluster",
    "Disk",
    "Key",
    "ManagedCluster",
    "Namespace",
    "NodeGroup",
    "NodePool",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "PrivateKey",
    "RandomPassword",
    "SelfSignedCert",
    "StatefulSet",
    "StorageClass",
    "Vault",
    "Zone",
)
"""Kinds whose deletion or replacement loses messages, keys, names or the ground that brokers stand on."""

Kind = Literal["added", "removed", "changed", "replaced"]


@dataclass(frozen=True)
class Difference:
    """A resource that is not the same in both versions.

    Attributes:
        kind: what happens to it; "replaced" where the change can't be made in place, as far as that
            is known without asking a cloud.
        dangerous: whether something that holds data is removed or replaced.
    """

    kind: Kind
    urn: str
    type: str
    name: str
    changes: Sequence[PropertyChange]
    dangerous: bool


@dataclass(frozen=True)
class Comparison:
    """All differences, the dangerous ones first."""

    stack: str
    base: str
    differences: Sequence[Difference]
    resources: int

    def to_json(self) -> dict[str, Any]:
        """For machines; secrets are masked."""
        return {"schema": SCHEMA, **asdict(self)}


def compare(
    stack: str, base_name: str, base: Mapping[str, Any], head: Mapping[str, Any]
) -> Comparison:
    """Compares two plans, as `Plan.to_json` gives them with fingerprints."""
    before = {step["urn"]: step for step in base["steps"]}
    after = {step["urn"]: step for step in head["steps"]}
    found = [
        *(_one("added", step, []) for urn, step in after.items() if urn not in before),
        *(_one("removed", step, []) for urn, step in before.items() if urn not in after),
    ]
    for urn in before.keys() & after.keys():
        changes = diff(before[urn]["inputs"], after[urn]["inputs"])
        same_secrets = before[urn].get("fingerprint") == after[urn].get("fingerprint")
        if not changes and not same_secrets:
            changes = [PropertyChange("(a secret)", "change", "[secret]", "[secret]")]
        if changes:
            kind: Kind = "replaced" if replacing(after[urn]["type"], changes) else "changed"
            found.append(_one(kind, after[urn], changes))
    order = {"removed": 0, "replaced": 1, "changed": 2, "added": 3}
    found.sort(key=lambda item: (not item.dangerous, order[item.kind], item.type, item.name))
    return Comparison(stack, base_name, found, len(after))


def _one(kind: Kind, step: Mapping[str, Any], changes: Sequence[PropertyChange]) -> Difference:
    holds = step["type"].rpartition(":")[2] in HOLDS_DATA
    return Difference(
        kind,
        step["urn"],
        step["type"],
        step["name"],
        changes,
        dangerous=holds and kind in ("removed", "replaced"),
    )


def against(directory: Path, stack: str, reference: str) -> Comparison:
    """Compares the working tree with a git reference.

    Raises:
        EngineError: there is no such reference, or one of the two can't be planned.
    """
    with _checkout(directory, reference) as other:
        if not (other / f"Pulumi.{stack}.yaml").exists():
            base: dict[str, Any] = {"steps": []}
        else:
            base = _planned(other, stack, reference)
        head = _planned(directory, stack, "the working tree")
    return compare(stack, reference, base, head)


@contextmanager
def _checkout(directory: Path, reference: str) -> Generator[Path]:
    """The files of a reference in a directory of their own; the working tree is left alone."""
    with tempfile.TemporaryDirectory(prefix="warren-") as work:
        archive = subprocess.run(
            ["git", "archive", "--format=tar", reference],
            cwd=directory,
            capture_output=True,
            check=False,
        )
        if archive.returncode:
            raise EngineError(
                f"git knows no '{reference}': {archive.stderr.decode().strip()}.",
                "Name a branch, tag or commit; in a shallow clone, fetch it first.",
                2,
            )
        subprocess.run(["tar", "-x", "-C", work], input=archive.stdout, check=True)
        yield Path(work)


def _planned(directory: Path, stack: str, name: str) -> dict[str, Any]:
    """A plan made in a process of its own: two versions of the same modules don't fit into one.

    It runs as if nothing had been brought up, or the state of this machine would show in it.
    """
    script = (
        "import json, sys\n"
        "from pathlib import Path\n"
        "from warren.engines.compare import fingerprinted\n"
        "print(json.dumps(fingerprinted(Path(sys.argv[1]), sys.argv[2])))\n"
    )
    tool = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", script, str(directory), stack],
        # The version's own components come first, the tool's engines after them.
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(directory), tool])},
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if done.returncode:
        raise EngineError(
            f"Stack '{stack}' of {name} can't be planned: {done.stderr.strip().splitlines()[-1]}",
            "Mend that version's settings or program first.",
        )
    return json.loads(done.stdout.splitlines()[-1])


def fingerprinted(directory: Path, stack: str) -> dict[str, Any]:
    """A plan from nothing, with a digest of each resource's secrets, which stays in this process pair."""
    import gc
    import hashlib

    from warren.engines import offline
    from warren.engines.project import read
    from warren.engines.state import State
    from warren.engines.values import reveal

    gc.disable()
    with tempfile.TemporaryDirectory(prefix="warren-") as empty:
        plan = offline.plan(read(directory, stack), State(Path(empty)))
    result = plan.to_json()
    for step, shown in zip(plan.steps, result["steps"], strict=True):
        text = json.dumps(reveal(step.inputs), sort_keys=True)
        shown["fingerprint"] = hashlib.sha256(text.encode()).hexdigest()
    return result
