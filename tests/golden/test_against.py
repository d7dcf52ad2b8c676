"""Each crafted change is told, word for word, as the golden files have it."""

from __future__ import annotations

import pytest

from tests.golden.cases import ANSWERS, CASES, answers

REWRITE = "if that is meant: python -m tests.golden, and look at the diff"


@pytest.mark.parametrize("name", CASES)
def test_a_change_is_told_as_agreed(name: str) -> None:
    for path, text in answers(name).items():
        assert text == path.read_text("utf-8"), REWRITE


def test_every_file_is_of_a_case() -> None:
    expected = {f"{name}.{kind}" for name in CASES for kind in ("md", "txt")}
    assert {path.name for path in ANSWERS.iterdir()} == expected, REWRITE
    assert len(CASES) >= 10
