"""No exception of somebody else's gets into a message as Python shows it.

What libraries say of themselves is for programmers. Exceptions of ours are sentences; others are put into
words by `warren/live/reasons.py`, or by naming what of them is meant for people (`error.strerror`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

SENTENCES = {
    # Ours.
    "ApiError",
    "LabError",
    "ManagementError",
    "holdings.NotDeclaredError",
    "OutputsError",
    "SettingsError",
    "StopError",
    "UnansweredError",
    "WarrenError",
    # About a text that the user wrote; said in words.
    "ValueError",
    "regex.error",
    "re.error",
    "yaml.YAMLError",
    # pulumi's own words, which `pulumi_errors` takes apart.
    "automation.CommandError",
    "automation.ConcurrentUpdateError",
    "automation.InvalidVersionError",
}
"""Classes whose text is made for people."""


def shown(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Where a caught exception is put into a text: line and class."""
    for handler in ast.walk(tree):
        if not isinstance(handler, ast.ExceptHandler) or handler.name is None:
            continue
        types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        foreign = [
            text
            for item in types
            if item is not None and (text := ast.unparse(item)) not in SENTENCES
        ]
        if not foreign:
            continue
        for node in ast.walk(handler):
            if _shows(node, handler.name):
                yield getattr(node, "lineno", 0), ", ".join(foreign)


def _shows(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.FormattedValue):
        return isinstance(node.value, ast.Name) and node.value.id == name
    if not isinstance(node, ast.Call):
        return False
    function = ast.unparse(node.func)
    given = [item for item in node.args if isinstance(item, ast.Name) and item.id == name]
    return bool(given) and (function in ("str", "repr", "format") or function.endswith(".format"))


FILES = sorted(
    file
    for folder in ("warren", "lab", "policies", "components")
    for file in (ROOT / folder).rglob("*.py")
)


@pytest.mark.parametrize("folder", ["warren", "lab", "policies", "components"])
def test_no_message_shows_a_foreign_exception(folder: str) -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line} shows {kind}"
        for file in FILES
        if file.relative_to(ROOT).parts[0] == folder and file.name != "reasons.py"
        for line, kind in shown(ast.parse(file.read_text("utf-8")))
    ]
    assert found == []


def test_the_rule_finds_what_it_is_for() -> None:
    source = """
try:
    pass
except (ApiError, OSError) as error:
    raise WarrenError(f"no: {error}", "") from error
except HTTPError as error:
    text = str(error)
except WarrenError as error:
    text = str(error)
except OSError as error:
    text = f"{error.strerror}"
"""
    assert [line for line, _ in shown(ast.parse(source))] == [5, 7]
