"""How a run tells what it does."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str], None]
"""Takes one line for people, without its newline."""
