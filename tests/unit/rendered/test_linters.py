"""checkov and kube-score have nothing to say against our objects but what suppressions.yaml explains."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from tests.unit.rendered import linters
from tests.unit.rendered.linters import Finding
from tests.unit.rendered.manifests import STACKS, manifests, versions

SUPPRESSIONS = cast(
    "list[dict[str, Any]]",
    yaml.safe_load((Path(__file__).parent / "suppressions.yaml").read_text("utf-8")),
)
BAD = """
apiVersion: v1
kind: Pod
metadata: { name: bad, namespace: rabbitmq }
spec:
  hostNetwork: true
  containers:
    - name: bad
      image: busybox
      securityContext: { privileged: true }
"""


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """What both say against every region of every stack."""
    folder = tmp_path_factory.mktemp("manifests")
    regions = [
        (stack, region) for stack in STACKS for region in {x.region for x in manifests(stack)}
    ]
    for stack, region in regions:
        documents = [x.document for x in manifests(stack) if x.region == region]
        linters.write(documents, folder / stack / region)
    program = linters.kube_score_program(tmp_path_factory.mktemp("bin"))
    found = linters.checkov(linters.checkov_program(), folder)
    for stack, region in regions:
        version = versions(stack, region)[0]
        found += linters.kube_score(program, folder / stack / region, version)
    return found


def suppressed(finding: Finding) -> bool:
    return any(
        (item["tool"], item["check"]) == (finding.tool, finding.check)
        and finding.kind in item["kinds"]
        for item in SUPPRESSIONS
    )


def unexplained(found: Sequence[Finding]) -> list[Finding]:
    return [item for item in found if not suppressed(item)]


def test_nothing_is_found_that_is_not_explained(findings: list[Finding]) -> None:
    assert unexplained(findings) == []


def test_every_explanation_is_of_something_found(findings: list[Finding]) -> None:
    found = {(item.tool, item.check, item.kind) for item in findings}
    written = {
        (item["tool"], item["check"], kind) for item in SUPPRESSIONS for kind in item["kinds"]
    }
    assert written - found == set(), "take these out of suppressions.yaml: nothing matches them"


def test_every_suppression_says_why() -> None:
    keys = {"tool", "check", "kinds", "reason"}
    assert all(set(item) == keys for item in SUPPRESSIONS)
    assert all(len(item["reason"]) > 20 and item["kinds"] for item in SUPPRESSIONS)


def test_the_linters_find_what_is_bad(tmp_path: Path) -> None:
    folder = linters.write([yaml.safe_load(BAD)], tmp_path / "stack" / "region")
    program = linters.kube_score_program(tmp_path)
    found = [
        *linters.checkov(linters.checkov_program(), tmp_path / "stack"),
        *linters.kube_score(program, folder, "1.36"),
    ]
    told = {(item.tool, item.check) for item in unexplained(found)}
    assert told >= {
        ("checkov", "CKV_K8S_16"),  # privileged
        ("checkov", "CKV_K8S_13"),  # no memory limit
        ("checkov", "CKV_K8S_19"),  # the host's network
        ("kube-score", "container-security-context-privileged"),
        ("kube-score", "container-resources"),
        ("kube-score", "pod-networkpolicy"),
        ("kube-score", "container-image-tag"),
    }
    # What is explained for brokers is not explained for whatever comes along.
    assert not any(suppressed(item) for item in found)
