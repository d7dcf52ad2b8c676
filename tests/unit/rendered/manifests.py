"""What each stack of this repository would register, from its offline plan.

Values that are known only at `up` (addresses, what lies in Secrets, checksums) are replaced by
stand-ins of the right type, and nothing else is: everything that the plan knows is judged as it is.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from components.program import build
from components.settings import Settings, parse
from lab.parts import KUBERNETES as LAB_KUBERNETES
from tests.support.recorder import Recording, record
from warren.plan import offline
from warren.plan.model import Step
from warren.plan.state import State
from warren.runs.project import Project
from warren.values import is_unknown, reveal

ROOT = Path(__file__).parents[3]
STACKS = {
    path.name.removeprefix("Pulumi.").removesuffix(".yaml"): path
    for path in (
        *sorted(ROOT.glob("Pulumi.*.yaml")),
        *sorted(ROOT.glob("examples/*/Pulumi.*.yaml")),
    )
}

VARIANTS = {**STACKS, "everything": Path(__file__).parent / "everything.yaml"}
"""The stacks, and one that has what they leave alone. It is judged for being right, not for being wise:
the policies and linters are for the stacks."""

UNCHOSEN = ("1.34", "1.37")
"""Oldest and newest Kubernetes for clusters whose version is not warren's choice: existing ones, and
GKE's, which follow a release channel."""

_STAND_INS: tuple[tuple[str, object], ...] = (
    (r"(stringData|data)", {"stand-in": "known after up"}),
    (r".*(cidr|loadBalancerSourceRanges\[\d+\])", "192.0.2.0/24"),
    (r".*", "known-after-up"),
)


@dataclass(frozen=True)
class Manifest:
    """A Kubernetes object as a region's API server would get it.

    Attributes:
        region: whose cluster it is for.
        urn: the resource that it comes from.
        document: with `apiVersion` and `kind`.
    """

    region: str
    urn: str
    document: dict[str, Any]

    @property
    def name(self) -> str:
        """For a test's failure: kind and logical name."""
        return f"{self.document['kind']} {self.urn.rpartition('::')[2]}"


@cache
def config(stack: str) -> dict[str, Any]:
    """The `config` of the stack's file."""
    return cast("dict[str, Any]", yaml.safe_load(VARIANTS[stack].read_text("utf-8"))["config"])


@cache
def settings(stack: str) -> Settings:
    """The stack's settings."""
    prefix = "warren:"
    values = {
        key.removeprefix(prefix): value
        for key, value in config(stack).items()
        if key.startswith(prefix)
    }
    return parse(values, stack)


@cache
def steps(stack: str) -> Sequence[Step]:
    """The stack's offline plan from nothing, planned once in a test run."""
    with tempfile.TemporaryDirectory(prefix="warren-") as empty:
        project = Project(ROOT, "warren", stack, config(stack))
        return offline.plan(project, State(Path(empty))).steps


@cache
def updated(stack: str) -> Recording:
    """What the stack registers in an `up`, where every value is known."""
    return record(lambda: build(settings(stack)))


@cache
def manifests(stack: str) -> Sequence[Manifest]:
    """Every Kubernetes object of the stack."""
    return [
        Manifest(
            region=step.provider.rpartition("::")[2],
            urn=step.urn,
            document=cast("dict[str, Any]", known(reveal(step.inputs))),
        )
        for step in steps(stack)
        if step.type.startswith("kubernetes:")
    ]


def versions(stack: str, region: str) -> Sequence[str]:
    """Kubernetes versions that the region's objects must be right for."""
    spec = settings(stack)
    place = spec.regions[region]
    if spec.lab is not None and region in spec.lab.regions:
        return (_minor(LAB_KUBERNETES),)
    chosen = place.kubernetes_version()
    return UNCHOSEN if chosen is None else (chosen,)


def known(value: Any, path: str = "") -> Any:
    """The value with stand-ins for what is unknown in it, at any depth."""
    if is_unknown(value):
        return next(stand_in for pattern, stand_in in _STAND_INS if re.fullmatch(pattern, path))
    if isinstance(value, dict):
        return {
            key: known(item, f"{path}.{key}" if path else key)
            for key, item in cast("dict[str, Any]", value).items()
        }
    if isinstance(value, list):
        return [
            known(item, f"{path}[{index}]") for index, item in enumerate(cast("list[Any]", value))
        ]
    return value


def _minor(version: str) -> str:
    return ".".join(version.removeprefix("v").split(".")[:2])
