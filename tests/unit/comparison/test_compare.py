"""Two versions held against each other: by git reference end to end, and how properties are compared.

What a reviewer is told of each kind of change stands in `tests/golden/`.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.cases import HERE as GOLDEN
from tests.golden.cases import compared
from warren.comparison import text as comparison
from warren.comparison.cloud_replacement import replacing_in_clouds
from warren.comparison.compare import against
from warren.comparison.diagram import diagram
from warren.comparison.property_diff import property_diff
from warren.errors import WarrenError
from warren.plan.differences import PropertyChange
from warren.sdk.annotations import resource_properties
from warren.values import UNKNOWN, secret

ROOT = Path(__file__).parents[3]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the program and a stack `t` of two regions, committed."""
    for name in ("components", "warren"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("__main__.py", "Pulumi.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copy(GOLDEN / "stacks" / "shop.yaml", tmp_path / "Pulumi.t.yaml")
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@t"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "base"]):
        subprocess.run([*git, *command], cwd=tmp_path, check=True)
    return tmp_path


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_program_and_config_are_compared_with_a_reference(repository: Path) -> None:
    edit(repository / "components" / "broker" / "pod.py", "_probe(5, 3)", "_probe(7, 3)")
    edit(repository / "Pulumi.t.yaml", "max_length: 1000 ", "max_length: 2000 ")
    # The old version's own engine has no say: it may be one that can't answer.
    edit(
        repository / "warren" / "comparison" / "description.py", "import hashlib", "import nothing"
    )
    subprocess.run(["git", "add", "-A"], cwd=repository, check=True)
    shutil.copy(repository / "Pulumi.t.yaml", repository / "Pulumi.new.yaml")
    result = against(repository, "t", "HEAD")
    told = comparison.text(result)
    assert "readinessProbe.periodSeconds: 5 -> 7" in told
    assert "policies[shop/warren.queue.orders.work].definition.max-length: 1000 -> 2000" in told
    assert "The brokers restart one by one" in told
    assert {item.kind for item in result.differences} == {"changed", "replaced"}
    # A stack that the base has not is all new.
    new = against(repository, "new", "HEAD")
    assert {item.kind for item in new.differences} == {"added"}
    assert "`new` against nothing (a new stack)" in comparison.markdown(new)


def test_an_unknown_reference_names_the_remedy(repository: Path) -> None:
    with pytest.raises(WarrenError, match=r"git knows no 'nowhere'.*fetch it first"):
        against(repository, "t", "nowhere")


def test_wrong_settings_of_a_version_name_the_version(repository: Path) -> None:
    edit(repository / "Pulumi.t.yaml", "storage: 10Gi", "replicas: 2")
    with pytest.raises(WarrenError, match=r"(?s)of the working tree can't be planned.*replicas"):
        against(repository, "t", "HEAD")


@pytest.mark.parametrize("case", ["shorter-certificates", "new-user", "removed-link"])
def test_no_secret_is_told(case: str) -> None:
    found = compared(case)
    for told in (
        json.dumps(found.to_json()),
        comparison.text(found),
        comparison.markdown(found),
    ):
        # Neither a stand-in nor the digest that two versions of a secret are compared by.
        assert "Pem of" not in told
        assert "result of" not in told
        assert not re.search(r"[0-9a-f]{64}", told)
        hashes = re.findall(r'"password_hash": "([^"]*)"', told)
        assert set(hashes) <= {"[secret]", ""}  # a link's user has none
    secrets = [x for item in found.differences for x in item.changes if ".crt" in x.path]
    assert all({x.old, x.new} <= {"[secret]", None} for x in secrets)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("a", "change", 1, 2)]),
        ({}, {"a": {"b": 1}}, [("a", "add", None, {"b": 1})]),
        ({"a": [1, 2, 3]}, {"a": [9, 1, 2, 3]}, [("a[0]", "add", None, 9)]),
        ({"a": [1, 2]}, {"a": [1, 3]}, [("a[1]", "change", 2, 3)]),
        ({"a": [1, 2]}, {"a": [2]}, [("a[0]", "remove", 1, None)]),
        ({"a": [1, 1]}, {"a": [1]}, [("a[1]", "remove", 1, None)]),
        ({"a": [{"x": 1}]}, {"a": [{"x": 2}]}, [("a[0].x", "change", 1, 2)]),
        (
            {"a": [{"name": "p", "x": 1}, {"name": "q"}]},
            {"a": [{"name": "q"}, {"name": "p", "x": 2}]},
            [("a[p].x", "change", 1, 2)],
        ),
        ({"a": [{"metadata": {"name": "d"}, "x": 1}]}, {"a": []}, "removed d"),
        ({"a": [1, 2]}, {"a": [2, 1]}, "order"),
        (
            {"a": "x = 1\ny = 2\n"},
            {"a": "x = 1\ny = 3\n"},
            [("a line[1]", "change", "y = 2", "y = 3")],
        ),
        ({"a": "x = 1\n"}, {"a": "x = 1\ny = 3\n"}, [("a line[1]", "add", None, "y = 3")]),
        ({"a": '{"k": [1]}'}, {"a": '{"k": [1, 2]}'}, [("a.k[1]", "add", None, 2)]),
        (
            {"a": '{"k": 1}'},
            {"a": '{"k":1}'},
            [("a", "change", "a document", "the same one, written otherwise")],
        ),
        ({"a": 1}, {"a": True}, [("a", "change", 1, True)]),
        ({"a": "{no json"}, {"a": "{none"}, [("a", "change", "{no json", "{none")]),
        ({"a": secret("x")}, {"a": secret("y")}, [("a", "change", "[secret]", "[secret]")]),
        ({"a": secret("x")}, {"a": secret("x")}, []),
        ({"a": "x"}, {"a": secret("y")}, [("a", "change", "[secret]", "[secret]")]),
        ({"a": UNKNOWN}, {"a": 1}, [("a", "change", "[unknown until up]", 1)]),
    ],
)
def test_properties(old: Any, new: Any, expected: object) -> None:
    found = property_diff(old, new)
    if expected == "order":
        assert [x.new for x in found] == ["the same, in another order or form"]
    elif expected == "removed d":
        assert [x.kind for x in found] == ["remove"]
    else:
        assert [(x.path, x.kind, x.old, x.new) for x in found] == expected


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "a", "a\nb", '{"a": 1}']),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "a", "b"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES, VALUES)
def test_no_difference_is_missed_and_none_made_up(old: object, new: object) -> None:
    same = json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)
    assert (property_diff({"a": old}, {"a": new}) == []) is same


def test_replacements_of_clouds_are_of_properties_that_there_are() -> None:
    """A rule for a type or property that the SDK has not would never hold."""
    from warren.comparison.cloud_replacement import RULES

    for type_, patterns in RULES.items():
        known = resource_properties(type_)
        assert known, type_
        for pattern in patterns:
            first = pattern.split(r"\.")[0].replace(".*", "")
            names = [name for name in known if replacing_in_clouds(type_, [name]) or name == first]
            assert names, f"{type_}: {pattern}"


def test_details_end_where_a_comment_would() -> None:
    found = compared("new-user")
    item = next(x for x in found.differences if x.changes)
    many = [replace(item, name=f"x{number}") for number in range(500)]
    told = comparison.markdown(replace(found, differences=many))
    assert len(told) < 20_000
    assert "more lines: `warren plan --against` has them all" in told


def test_what_a_config_says_does_not_break_out_of_the_comment() -> None:
    found = compared("queue-limit")
    hostile = PropertyChange("a", "change", "x", "```\n</details><img src=x>")
    told = comparison.markdown(
        replace(found, differences=[replace(found.differences[0], changes=[hostile])])
    )
    assert told.count("```") % 2 == 0
    assert "'''\\n</details>" in told
    region = replace(found.regions[0], role='a"]:::x')
    assert not any('a"]' in line for line in diagram(replace(found, regions=[region], links=[])))
