"""What several regions have in common is told once; nothing is called the same that is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.golden.cases import CASES, compared
from warren.comparison import text as comparison
from warren.comparison.compare import Comparison, Difference
from warren.plan.differences import PropertyChange

JOB = "kubernetes:batch/v1:Job"
SERVICE = "kubernetes:core/v1:Service"


def one(place: str, *changes: PropertyChange, type_: str = SERVICE, name: str = "x") -> Difference:
    kind = "changed" if changes else "added"
    return Difference(
        kind, f"urn:{place}-{name}", type_, f"{place}-{name}", place, changes, (), False, ()
    )


def changed(path: str, old: object, new: object) -> PropertyChange:
    return PropertyChange(path, "change", old, new)


def of(*differences: Difference) -> Comparison:
    return replace(compared("queue-limit"), differences=differences)


def sections(*differences: Difference) -> Sequence[str]:
    """Sections of details, as text, that tell of the given differences."""
    told = comparison.text(of(*differences)).partition("\nLinks\n")[2]
    return told.split("\n\n")[1:]


def test_what_two_regions_have_in_common_is_told_once_with_generated_names_left_out() -> None:
    told = comparison.text(compared("queue-limit"))
    assert told.count("definition.max-length: 1000 -> 2000") == 1
    assert told.count(f"± {JOB}  ") == 1
    assert "\neast, west: the same in each" in told
    assert "~ kubernetes:core/v1:Secret  {region}-definitions\n" in told
    assert "metadata.name: rabbitmq-topology-{digest} -> rabbitmq-topology-{digest}" in told
    markdown = comparison.markdown(compared("queue-limit"))
    assert markdown.count("definition.max-length: 1000 -> 2000") == 1
    assert "<summary>east, west: the same in each" in markdown


def test_what_only_one_has_stands_by_itself() -> None:
    common = [changed("spec.a", 1, 2)]
    alone = one("west", changed("spec.b", 1, 2), name="y")
    folded, rest = sections(one("east", *common), one("west", *common), alone)
    assert folded.startswith("east, west: the same in each ({region}: its name): ~1\n")
    assert rest.startswith("west alone: ~1\n")
    assert "west-y" in rest


@pytest.mark.parametrize(
    ("east", "west"),
    [
        (changed("spec.a", 1, 2), changed("spec.a", 1, 3)),
        (changed("spec.a", 1, 2), changed("spec.a", 0, 2)),
        (changed("spec.a", 1, 2), changed("spec.b", 1, 2)),
        (changed("spec.a", "1", 2), changed("spec.a", 1, 2)),
        (PropertyChange("spec.a", "add", None, 2), changed("spec.a", None, 2)),
        # What is told is cut off at 90 characters: what is behind them counts too.
        (changed("a", "x", "y" * 99 + "1"), changed("a", "x", "y" * 99 + "2")),
        # A name is a word: the region is not in "feast"; and hexadecimal is no digest of ours.
        (changed("a", "x", "feast"), changed("a", "x", "fwest")),
        (changed("a", "x", "0123456789"), changed("a", "x", "0123456780")),
    ],
)
def test_what_differs_is_not_folded(east: PropertyChange, west: PropertyChange) -> None:
    told = sections(one("east", east), one("west", west))
    assert [section.partition(":")[0] for section in told] == ["east", "west"]


def test_what_follows_the_first_twenty_properties_counts_too() -> None:
    same = [changed(f"spec.p{number}", 1, 2) for number in range(30)]
    other = [*same[:-1], changed("spec.p29", 1, 3)]
    assert len(sections(one("east", *same), one("west", *other))) == 2
    assert len(sections(one("east", *same), one("west", *same))) == 1


def test_names_of_what_comes_and_goes_are_folded_too() -> None:
    (told,) = sections(one("east"), one("west"), one("east", name="y"), one("west", name="y"))
    assert told == (
        "east, west: the same in each ({region}: its name): +2\n"
        f"+ {SERVICE}  {{region}}-x, {{region}}-y"
    )


@pytest.mark.parametrize("name", CASES)
def test_marks_are_those_of_a_plan(name: str) -> None:
    told = comparison.text(compared(name)) + comparison.markdown(compared(name))
    assert not [line for line in told.splitlines() if line.startswith("! ")]


@pytest.mark.parametrize("name", CASES)
def test_every_resource_that_differs_is_told_of(name: str) -> None:
    found = compared(name)
    told = comparison.text(found)
    for item in found.differences:
        folded = "-".join("{region}" if x == item.place else x for x in item.name.split("-"))
        assert item.name in told.split("Links\n")[-1] or folded in told, item.urn
