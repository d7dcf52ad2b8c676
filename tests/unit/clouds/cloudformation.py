"""CloudFormation's published schemas: which permissions AWS says that a kind of resource needs.

They ship inside cfn-lint, which has a virtual environment of its own beside this one, made at first use.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

from tests.unit.clouds.stacks import ROOT

REQUIREMENTS = ROOT / "requirements-cloudformation.txt"
INSTALL_SECONDS = 480
REGION = "us-east-1"


def schemas() -> Path:
    """The folder of the schemas."""
    home = Path(sys.prefix) / "cloudformation"
    mark, wanted = home / ".wanted", REQUIREMENTS.read_text("utf-8")
    if not mark.exists() or mark.read_text("utf-8") != wanted:
        maker = [sys.executable, str(ROOT / "scripts" / "virtual_environment.py")]
        done = subprocess.run(
            [*maker, str(home), str(REQUIREMENTS)],
            capture_output=True,
            text=True,
            check=False,
            timeout=INSTALL_SECONDS,
        )
        assert done.returncode == 0, done.stderr
        mark.write_text(wanted, "utf-8")
    (found,) = home.glob("lib/python3*/site-packages/cfnlint/data/schemas")
    return found


def permissions(folder: Path, kind: str) -> set[str]:
    """IAM actions that making, reading, changing and deleting a resource of a kind call."""
    of_region = _document(folder / "providers" / f"{REGION}.json")
    handlers = _document(folder / "resources" / f"{of_region[kind]}.json")["handlers"]
    found = {
        action
        for step in ("create", "read", "update", "delete")
        for action in handlers.get(step, {}).get("permissions", [])
    }
    assert found, f"{kind} names no permission: the schemas have another form now"
    return found


def _document(file: Path) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(file.read_text("utf-8")))
