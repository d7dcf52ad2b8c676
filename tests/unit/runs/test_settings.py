"""What stands in a stack file beside warren's own keys is looked at before a lab or a cluster is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from warren.errors import WarrenError
from warren.runs.project import read
from warren.runs.settings import check

ROOT = Path(__file__).parents[3]


def checked(**more: Any) -> None:
    project = read(ROOT, "dev")
    added = {key.replace("__", ":"): value for key, value in more.items()}
    check(replace(project, config={**project.config, **added}))


def test_the_stack_as_it_is_passes() -> None:
    checked()
    checked(aws__region="us-east-1")


def test_a_misspelt_namespace_is_told() -> None:
    with pytest.raises(WarrenError, match="did you mean 'warren:domain'") as caught:
        checked(waren__domain="x.test")
    assert caught.value.exit_code == 2


def test_a_providers_secret_in_the_clear_is_refused_and_not_repeated() -> None:
    with pytest.raises(WarrenError, match="aws:secretKey") as caught:
        checked(aws__secretKey="wJalrXUtnFEMI")
    assert "wJalrXUtnFEMI" not in str(caught.value)
    checked(aws__secretKey={"secure": "v1:abc"})
