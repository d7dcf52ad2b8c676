"""The schema is fresh, takes the stack files of this repository and refuses wrong ones."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from components.settings import schema

ROOT = Path(__file__).parents[3]
FILES = [*sorted(ROOT.glob("Pulumi.*.yaml")), *sorted(ROOT.glob("examples/*/Pulumi.*.yaml"))]


def _validator() -> jsonschema.Draft202012Validator:
    document = schema.schema()
    jsonschema.Draft202012Validator.check_schema(document)
    return jsonschema.Draft202012Validator(document)


def _prod() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "Pulumi.prod.yaml").read_text("utf-8"))


def test_committed_files_are_fresh() -> None:
    assert schema.stale() == [], "run: python -m components.settings.schema --write"


def test_a_stale_file_is_found(tmp_path: Path) -> None:
    for path, text in schema.rendered().items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    assert schema.stale(tmp_path) == []
    (tmp_path / schema.PAGE).write_text("old", "utf-8")
    (tmp_path / schema.SCHEMA).unlink()
    assert schema.stale(tmp_path) == [schema.SCHEMA, schema.PAGE]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_stack_files_are_valid(path: Path) -> None:
    found = list(_validator().iter_errors(yaml.safe_load(path.read_text("utf-8"))))
    assert not found, [f"{error.json_path}: {error.message}" for error in found]


def test_both_stacks_are_among_the_files() -> None:
    assert {"Pulumi.dev.yaml", "Pulumi.prod.yaml"} <= {path.name for path in FILES}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("warren:domian",), "mq.example.com"),
        (("warren:domain",), 7),
        (("warren:broker", "replicas"), 0),
        (("warren:broker", "replica"), 3),
        (("warren:broker", "configuration", "heartbeat"), 1),
        (("warren:regions", "use1", "cloud"), "ibm"),
        (("warren:regions", "use1", "api"), {"authorized": []}),
        (("warren:regions", "weu", "subscription"), "not-an-id"),
        (("warren:links",), {"from": "use1"}),
        (("warren:dr", "epoch"), 0),
    ],
    ids=lambda item: "/".join(item) if isinstance(item, tuple) else "",
)
def test_wrong_values_are_refused(path: tuple[str, ...], value: object) -> None:
    document = copy.deepcopy(_prod())
    place = document["config"]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert not _validator().is_valid(document)


def test_other_namespaces_are_left_alone() -> None:
    document = _prod()
    document["config"]["aws:region"] = "us-east-1"
    assert _validator().is_valid(document)


def test_every_key_has_a_meaning_on_the_page() -> None:
    rows = [line for line in schema.page().splitlines() if line.startswith("| `")]
    assert len(rows) > 100
    assert not [row for row in rows if row.endswith("|  |")]
