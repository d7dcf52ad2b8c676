"""What only a terminal wants: lines that fit, and colour. A pipe gets the text as it is.

`NO_COLOR` (https://no-color.org) takes the colour away, on a terminal too.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from typing import TextIO

import typer

NARROWEST = 40
"""Columns below which lines are left alone: wrapping would make them no better."""

_COLOURS = (
    ("!!", typer.colors.RED),
    ("- ", typer.colors.RED),
    ("+ ", typer.colors.GREEN),
    ("~ ", typer.colors.YELLOW),
    ("± ", typer.colors.YELLOW),
)


def shown(text: str, stream: TextIO | None = None) -> str:
    """The text as the stream wants it (standard output where none is given)."""
    whose = sys.stdout if stream is None else stream
    if not whose.isatty():
        return text
    return dressed(text, shutil.get_terminal_size().columns, colour=not os.environ.get("NO_COLOR"))


def dressed(text: str, columns: int, *, colour: bool) -> str:
    """The text in lines that fit into so many columns; marks of changes in colour."""
    return "\n".join(
        _coloured(part, line) if colour else part
        for line in text.splitlines()
        for part in _fitting(line, columns)
    )


def _fitting(line: str, columns: int) -> list[str]:
    if len(line) <= columns or columns < NARROWEST:
        return [line]
    indent = len(line) - len(line.lstrip())
    rest = " " * min(indent + 4, columns // 2)
    return textwrap.wrap(
        line,
        columns,
        subsequent_indent=rest,
        break_on_hyphens=False,
        break_long_words=True,
        drop_whitespace=True,
        replace_whitespace=False,
    )


def _coloured(part: str, line: str) -> str:
    for mark, colour in _COLOURS:
        if line.startswith(mark):
            return typer.style(part, fg=colour, bold=mark == "!!")
    return part
