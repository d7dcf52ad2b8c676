"""Stack files of this repository, read as the program reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import yaml

from components.settings import Settings, parse

ROOT = Path(__file__).parents[3]
FILES = {
    path.name.removeprefix("Pulumi.").removesuffix(".yaml"): path
    for path in (ROOT / "Pulumi.prod.yaml", *sorted(ROOT.glob("examples/*/Pulumi.*.yaml")))
}


def config(name: str) -> dict[str, Any]:
    """The `config` of a stack file."""
    return cast("dict[str, Any]", yaml.safe_load(FILES[name].read_text("utf-8"))["config"])


def values(name: str) -> dict[str, Any]:
    """What stands under the `warren:` keys."""
    prefix = "warren:"
    return {
        key.removeprefix(prefix): value
        for key, value in config(name).items()
        if key.startswith(prefix)
    }


def settings(name: str) -> Settings:
    """The stack's settings."""
    return parse(values(name), name)
