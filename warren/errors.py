"""The one error that people are shown: what is wrong, and what to do about it."""

from __future__ import annotations


class WarrenError(Exception):
    """warren can't go on. The text says why; `remedy` says what to do.

    Attributes:
        exit_code: of the command: 1 failed, 2 wrong settings or arguments, 3 not up, 130 interrupted.
    """

    def __init__(self, message: str, remedy: str, exit_code: int = 1) -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.message = message
        self.remedy = remedy
        self.exit_code = exit_code
