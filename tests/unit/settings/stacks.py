"""A whole stack's values, and one change of them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.settings import SettingsError, parse

FILE = Path(__file__).parents[3] / "Pulumi.dev.yaml"


def dev() -> dict[str, Any]:
    content = yaml.safe_load(FILE.read_text("utf-8"))["config"]
    return {key.removeprefix("warren:"): copy.deepcopy(value) for key, value in content.items()}


def changed(path: str, value: Any) -> dict[str, Any]:
    """`dev` with a value at a path; parts of the path are parted by `/`."""
    values = dev()
    *parents, last = path.split("/")
    place: Any = values
    for key in parents:
        place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
    place[int(last) if isinstance(place, list) else last] = value
    return values


def errors(values: dict[str, Any]) -> list[str]:
    """The lines that are told."""
    with pytest.raises(SettingsError) as caught:
        parse(values, "dev")
    return [line.strip() for line in str(caught.value).splitlines()[1:]]
