"""Whatever stands in a stack file, it ends in settings or in one paragraph that people can read.

`make soak` tries thousands, by chance; the tests try the same few each time.
"""

from __future__ import annotations

import copy
import os
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.settings import Settings, SettingsError, parse
from components.settings.load import PREFIX, keys
from warren.errors import WarrenError
from warren.runs import project

ROOT = Path(__file__).parents[3]
STACKS = [ROOT / "Pulumi.dev.yaml", ROOT / "Pulumi.prod.yaml"]
SOAK = int(os.environ.get("WARREN_SOAK", "0"))
"""Examples of each test; 0 for the few that are the same each time."""

fuzzed = settings(
    max_examples=SOAK or 75,
    derandomize=not SOAK,
    database=None,
    deadline=timedelta(seconds=10),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

ODD = [
    *("", "~", "0x10", "010", "1e9", ".inf", "-1", "yes", "2026-01-01", "1:30", "*a", "&a b"),
    *("!!binary aGk=", "!x y", "[", "{a: b}", "[[]]", "'", "\t", "\x00", "\ud7ff", "é", "<<: 1"),
    *("99999999999999999999", "10.0.0.0/99", "::/0", "../..", "{{}}", "%s", "a" * 300),
]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(ODD),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def _ends(values: dict[str, Any]) -> Settings | None:
    try:
        return parse(values, "fuzz")
    except SettingsError as error:
        assert str(error).strip()
        assert "Traceback" not in str(error)
    return None


def _read(text: str) -> Settings | None:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "Pulumi.yaml").write_text("name: warren\nruntime: python\n")
        (directory / "Pulumi.fuzz.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            found = project.read(directory, "fuzz")
        except WarrenError as error:
            assert error.exit_code == 2
            assert str(error).strip()
            return None
    return _ends(_own(found.config))


def _own(config: Mapping[str, Any]) -> dict[str, Any]:
    """warren's values by their keys; the others are the providers'."""
    return {
        key.removeprefix(f"{PREFIX}:"): value
        for key, value in config.items()
        if key.startswith(f"{PREFIX}:")
    }


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A real stack file with some lines taken out, doubled, indented, or given another value or key."""
    lines = draw(st.sampled_from(STACKS)).read_text().splitlines()
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        key, colon, _ = lines[at].partition(": ")
        odd = draw(st.sampled_from(ODD) | st.text(max_size=12))
        lines[at : at + 1] = draw(
            st.sampled_from(
                [
                    [],
                    [lines[at], lines[at]],
                    [f"  {lines[at]}"],
                    [f"{key}{colon or ': '}{odd}"],
                    [f"{key}{odd}: 1"],
                    [odd],
                ]
            )
        )
        lines = lines or [""]
    return "\n".join(lines)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, item in cast("dict[str, Any]", value).items():
            found += _places(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(cast("list[Any]", value)):
            found += _places(item, (*path, number))
    return found


@st.composite
def structures(draw: st.DrawFn) -> dict[str, Any]:
    """A real stack's values, some of them replaced, taken out or given a key more."""
    content = yaml.safe_load(draw(st.sampled_from(STACKS)).read_text())["config"]
    values: Any = copy.deepcopy(_own(content))
    if draw(st.booleans()):
        values[draw(st.sampled_from(keys()))] = draw(VALUES)
    for _ in range(draw(st.integers(0, 3))):
        places = _places(values)
        if not places:
            break
        *above, last = draw(st.sampled_from(places))
        holder = values
        for part in above:
            holder = holder[part]
        if draw(st.booleans()):
            holder[last] = draw(VALUES)
        elif draw(st.booleans()):
            del holder[last]
        elif isinstance(holder, dict):
            holder[draw(st.text(max_size=8))] = draw(VALUES)
    return values


@fuzzed
@given(texts())
def test_a_stack_file_of_any_text_ends_in_settings_or_a_paragraph(text: str) -> None:
    _read(text)


@fuzzed
@given(structures())
def test_any_values_end_in_settings_or_a_paragraph(values: dict[str, Any]) -> None:
    _ends(values)


def test_the_files_that_are_altered_are_right_as_they_are() -> None:
    assert all(_read(file.read_text()) is not None for file in STACKS)
