"""Writes what `warren plan --against` says today into the golden files: `python -m tests.golden`."""

from __future__ import annotations

import sys

from tests.golden.cases import ANSWERS, CASES, answers


def main() -> None:
    """Rewrites every file and takes away those of cases that are no more."""
    wanted = {path: text for name in CASES for path, text in answers(name).items()}
    ANSWERS.mkdir(exist_ok=True)
    for path in [*ANSWERS.iterdir()]:
        if path not in wanted:
            path.unlink()
            sys.stdout.write(f"removed {path.name}\n")
    for path, text in wanted.items():
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            sys.stdout.write(f"wrote {path.name}\n")


if __name__ == "__main__":
    main()
