"""Kubernetes objects against the OpenAPI schema of the Kubernetes version that each region runs.

The schemas come in a pinned package; unknown fields are refused, as the API server's strict field
validation does. What the schema can't say (immutable fields, quantities, names) the lab's
server-side dry run does.
"""

from __future__ import annotations

import copy
from typing import Any

import kubernetes_validate
import pytest
from kubernetes_validate.utils import VersionNotSupportedError

from tests.support import recorder
from tests.unit.rendered.manifests import (
    STACKS,
    VARIANTS,
    Manifest,
    known,
    manifests,
    settings,
    updated,
    versions,
)
from warren.values import UNKNOWN


def faults(document: dict[str, Any], version: str) -> list[str]:
    """What the schema of a version says against a document; an unknown kind is a fault too."""
    try:
        used = kubernetes_validate.validate(document, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return [f"{version}: {'.'.join(map(str, error.absolute_path))}: {error.message}"]
    except (kubernetes_validate.SchemaNotFoundError, VersionNotSupportedError) as error:
        return [f"{version}: {error.message}"]
    # The package takes an older version's schema where it lacks one: that would be no check.
    return [] if used == version else [f"{version}: the installed package has no such schema"]


def all_faults(stack: str, found: list[Manifest]) -> list[str]:
    return [
        f"{item.name}: {fault}"
        for item in found
        for version in versions(stack, item.region)
        for fault in faults(item.document, version)
    ]


def one(stack: str, kind: str) -> dict[str, Any]:
    found = next(item for item in manifests(stack) if item.document["kind"] == kind)
    return copy.deepcopy(found.document)


@pytest.mark.parametrize("stack", VARIANTS)
def test_planned_objects_are_valid(stack: str) -> None:
    found = manifests(stack)
    regions = set(settings(stack).regions)
    assert {item.region for item in found} == regions
    assert len(found) >= 15 * len(regions)
    assert all_faults(stack, list(found)) == []


@pytest.mark.parametrize("stack", VARIANTS)
def test_objects_with_every_value_known_are_valid(stack: str) -> None:
    """The same after `up`, where addresses and Secrets have values and need no stand-ins."""
    found = [
        Manifest(item.provider_name, item.urn, item.inputs)
        for item in updated(stack).custom()
        if item.type.startswith("kubernetes:")
    ]
    assert recorder.UNKNOWN not in str([item.document for item in found])
    assert all_faults(stack, found) == []


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("spec.replica", 3, "'replica' was unexpected"),
        ("spec.replicas", "3", "not of type"),
        ("spec.template.spec.containers.0.readOnly", True, "'readOnly' was unexpected"),
        ("spec.template.spec.containers.0.env", {"A": "b"}, "not of type"),
        ("spec.template.spec.containers.0.name", None, "not of type"),
        ("spec.selector", "broker", "not of type"),
        ("metadata.labels.part", 1, "not of type"),
        ("kind", "StatefulSets", "Couldn't find schema"),
        ("apiVersion", "apps/v1beta1", "Couldn't find schema"),
    ],
)
def test_a_wrong_field_is_refused(path: str, value: object, complaint: str) -> None:
    document = one("dev", "StatefulSet")
    version = versions("dev", "east")[0]
    assert faults(document, version) == []
    *parents, last = path.split(".")
    place: Any = document
    for key in parents:
        place = place[int(key)] if key.isdigit() else place[key]
    place[last] = value
    assert [complaint in fault for fault in faults(document, version)] == [True]


def test_stand_ins_are_for_the_unknown_alone() -> None:
    document = {
        "data": UNKNOWN,
        "spec": {"a": UNKNOWN, "cidr": UNKNOWN, "b": 3, "c": ["x", UNKNOWN]},
    }
    assert known(document) == {
        "data": {"stand-in": "known after up"},
        "spec": {
            "a": "known-after-up",
            "cidr": "192.0.2.0/24",
            "b": 3,
            "c": ["x", "known-after-up"],
        },
    }


def test_a_missing_field_is_refused() -> None:
    document = one("dev", "StatefulSet")
    del document["spec"]["template"]["spec"]["containers"]
    assert ["'containers' is a required property" in x for x in faults(document, "1.36")] == [True]


def test_a_version_without_a_schema_is_a_fault() -> None:
    assert faults(one("dev", "Service"), "1.99")
    gone = {"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget"}
    assert ["Couldn't find schema" in fault for fault in faults(gone, "1.36")] == [True]


def test_everything_has_what_the_stacks_leave_out() -> None:
    def kinds(stack: str) -> set[str]:
        return {item.document["kind"] for item in manifests(stack)}

    assert "Ingress" in kinds("everything")
    assert set().union(*(kinds(stack) for stack in STACKS)) <= kinds("everything") | {
        "StorageClass"
    }
