"""What a reviewer is told of a pull request: base against head, what can lose data first."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from warren import comparison
from warren.engines.base import EngineError
from warren.engines.compare import Comparison, against

ROOT = Path(__file__).parents[3]
STACK = """
config:
  warren:domain: rabbit.lab
  warren:broker: { storage: 10Gi, service: { allowed_sources: [10.0.0.0/8] } }
  warren:regions:
    east: { cloud: existing, context: a }
    west: { cloud: existing, context: b }
  warren:links: [{ kind: federation, from: east, to: west, vhost: shop, exchanges: ^orders$ }]
  warren:topology: { vhosts: { shop: { exchanges: { orders: {} }, queues: { orders: {} } } } }
  warren:dr: { primary: east, standby: [west] }
"""

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "components", tmp_path / "components")
    for name in ("__main__.py", "Pulumi.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "Pulumi.t.yaml").write_text(STACK)
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@t"]
    subprocess.run([*git, "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run([*git, "add", "-A"], cwd=tmp_path, check=True)
    subprocess.run([*git, "commit", "-qm", "base"], cwd=tmp_path, check=True)
    return tmp_path


def changed(repository: Path, change: Change) -> Comparison:
    content = yaml.safe_load(STACK)
    change(content["config"])
    (repository / "Pulumi.t.yaml").write_text(yaml.safe_dump(content))
    return against(repository, "t", "HEAD")


def found(result: Comparison) -> set[tuple[str, str, str]]:
    return {(i.kind, i.type.rpartition(":")[2], i.name) for i in result.differences}


def test_no_change_is_told_as_such(repository: Path) -> None:
    result = changed(repository, lambda config: None)
    assert result.differences == []
    assert "no change" in comparison.text(result)
    assert "Nothing that this stack consists of changes" in comparison.markdown(result)


def test_a_resize_is_a_change_of_the_broker_alone(repository: Path) -> None:
    def resize(config: dict[str, Any]) -> None:
        config["warren:broker"]["replicas"] = 5

    result = changed(repository, resize)
    assert ("changed", "StatefulSet", "east") in found(result)
    assert {kind for kind, _, _ in found(result)} == {"changed"}
    assert "spec.replicas: 3 -> 5" in comparison.text(result)
    assert "CAN LOSE DATA" not in comparison.text(result)


def test_another_storage_class_is_told_first_and_loudly(repository: Path) -> None:
    def storage(config: dict[str, Any]) -> None:
        config["warren:regions"]["east"]["storage_class"] = {"name": "other"}

    result = changed(repository, storage)
    first = result.differences[0]
    assert (first.kind, first.type, first.name, first.dangerous) == (
        "replaced",
        "kubernetes:apps/v1:StatefulSet",
        "east",
        True,
    )
    assert comparison.text(result).startswith("CAN LOSE DATA")
    assert "[!CAUTION]" in comparison.markdown(result)


def test_a_region_that_goes_is_told_with_its_brokers(repository: Path) -> None:
    def without(config: dict[str, Any]) -> None:
        del config["warren:regions"]["west"]
        config["warren:links"] = []
        config["warren:dr"]["standby"] = []

    result = changed(repository, without)
    lost = {(item.type, item.name) for item in result.differences if item.dangerous}
    assert ("kubernetes:apps/v1:StatefulSet", "west") in lost
    assert ("kubernetes:core/v1:Namespace", "west") in lost
    assert not [name for _, name in lost if name == "east"]


def test_a_new_region_adds_and_touches_nobody_else(repository: Path) -> None:
    def more(config: dict[str, Any]) -> None:
        config["warren:regions"]["north"] = {"cloud": "existing", "context": "c"}

    result = changed(repository, more)
    assert {kind for kind, _, _ in found(result)} == {"added"}
    assert all(item.name.startswith("north") for item in result.differences)
    assert "north<br/>" in comparison.markdown(result)


def test_a_removed_link_takes_its_certificate_and_leaves_the_brokers(repository: Path) -> None:
    def unlinked(config: dict[str, Any]) -> None:
        config["warren:links"] = []

    result = changed(repository, unlinked)
    assert ("removed", "LocallySignedCert", "links-east-west") in found(result)
    assert not [i for i in result.differences if i.type.endswith("StatefulSet")]


def test_a_renamed_region_is_one_that_goes_and_one_that_comes(repository: Path) -> None:
    def renamed(config: dict[str, Any]) -> None:
        config["warren:regions"]["north"] = config["warren:regions"].pop("west")
        config["warren:links"][0]["to"] = "north"
        config["warren:dr"]["standby"] = ["north"]

    kinds = {
        (kind, name)
        for kind, type_, name in found(changed(repository, renamed))
        if type_ == "StatefulSet"
    }
    assert kinds == {("removed", "west"), ("added", "north")}


def test_a_stack_that_the_base_has_not_is_all_new(repository: Path) -> None:
    shutil.copy(repository / "Pulumi.t.yaml", repository / "Pulumi.new.yaml")
    result = against(repository, "new", "HEAD")
    assert {item.kind for item in result.differences} == {"added"}


def test_a_changed_program_is_seen_as_well_as_changed_config(repository: Path) -> None:
    file = repository / "components" / "broker" / "pod.py"
    file.write_text(file.read_text().replace("_probe(5, 3)", "_probe(7, 3)"))
    result = against(repository, "t", "HEAD")
    assert "readinessProbe.periodSeconds: 5 -> 7" in comparison.text(result)


def test_an_unknown_reference_names_the_remedy(repository: Path) -> None:
    with pytest.raises(EngineError, match="git knows no 'nowhere'"):
        against(repository, "t", "nowhere")


def test_wrong_settings_of_a_version_name_the_version(repository: Path) -> None:
    def wrong(config: dict[str, Any]) -> None:
        config["warren:broker"]["replicas"] = 2

    with pytest.raises(EngineError, match="the working tree can't be planned"):
        changed(repository, wrong)
