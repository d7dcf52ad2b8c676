"""A project without its program is told as such."""

from __future__ import annotations

from pathlib import Path

import pytest

from warren.errors import WarrenError
from warren.plan.offline import PlanHandler
from warren.runs.project import Project
from warren.sdk.program import run


def test_a_missing_program_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(WarrenError, match=r"__main__\.py does not exist") as caught:
        run(Project(tmp_path, "warren", "dev", {}), PlanHandler({}), dry_run=True)
    assert caught.value.exit_code == 2
