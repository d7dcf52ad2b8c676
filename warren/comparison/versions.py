"""Versions of the project: a git reference's files, and what they register, asked in a process apart."""

from __future__ import annotations

import atexit
import gc
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from warren.comparison.description import describe
from warren.errors import WarrenError
from warren.runs.project import read

SECONDS = 300
"""How long a version may take to be described."""


@contextmanager
def checkout(directory: Path, reference: str) -> Generator[Path]:
    """The files of a reference in a directory of their own; the working tree is left alone.

    Raises:
        WarrenError: there is no such reference.
    """
    commit = _commit(directory, reference)
    with tempfile.TemporaryDirectory(prefix="warren-") as work:
        archive = _git(directory, "archive", "--format=tar", commit)
        if archive.returncode:
            raise WarrenError(
                f"git can't give the files of '{reference}': {_told(archive)}.",
                "Fetch it anew, or name another version.",
            )
        subprocess.run(["tar", "-x", "-C", work], input=archive.stdout, check=True)
        yield Path(work)


def _commit(directory: Path, reference: str) -> str:
    """The hash of the commit that a reference names: that is all which ever reaches another command.

    `git archive` would take a reference such as `--output=FILE` for an option of its own.
    `--end-of-options` ends them here (gitcli(7)), and whatever is no commit is refused.

    Raises:
        WarrenError: there is no such commit, no repository or no git.
    """
    wanted = f"{reference}^{{commit}}"
    found = _git(directory, "rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
    if found.returncode == 0:
        return found.stdout.decode().strip()
    why = f" ({_told(found)})" if found.stderr.strip() else ""
    raise WarrenError(
        f"git knows no '{reference}' in {directory}{why}.",
        "Name a branch, tag or commit; in a shallow clone, fetch it first.",
        2,
    )


def _git(directory: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], cwd=directory, capture_output=True, check=False)
    except FileNotFoundError:
        raise WarrenError(
            "git is not on PATH, and two versions are compared by it.",
            "Install git, or plan without --against.",
            2,
        ) from None


def _told(done: subprocess.CompletedProcess[bytes]) -> str:
    """What git has against it, in one line."""
    text = " ".join(done.stderr.decode("utf-8", "replace").split())
    return text.removeprefix("fatal: ").rstrip(".")


def described(
    directory: Path, stack: str, name: str, salt: str, *, judged: bool = False
) -> dict[str, Any]:
    """A description made in a process of its own: two versions of one module don't fit into one.

    Args:
        directory: the version's files.
        stack: which stack of it.
        name: of the version, for errors.
        salt: see `describe`; it goes by standard input, where no list of processes shows it.
        judged: see `describe`.

    Raises:
        WarrenError: the version can't be planned.
    """
    script = (
        "import sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from warren.comparison.versions import describe_here\n"
        "print(describe_here(sys.argv[2], sys.argv[3], sys.stdin.read(), sys.argv[4] == 'judged'))\n"
    )
    tool = str(Path(__file__).parents[2])
    done = subprocess.run(
        # -P: the version's own `warren`, in the directory that this runs in, is not the one to run.
        [
            sys.executable,
            "-P",
            "-c",
            script,
            tool,
            str(directory),
            stack,
            "judged" if judged else "",
        ],
        input=salt,
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        raise _unplannable(stack, name, re.sub(r"^[\w.]*(Error|Exception): ", "", last), 1)
    answer = cast("dict[str, Any]", json.loads(done.stdout.splitlines()[-1]))
    if "error" in answer:
        raise _unplannable(stack, name, answer["error"], answer["exit_code"])
    return answer


def _unplannable(stack: str, name: str, why: str, exit_code: int) -> WarrenError:
    return WarrenError(
        f"Stack '{stack}' of {name} can't be planned: {why.rstrip('.')}.",
        "Mend that version's settings or program first.",
        exit_code,
    )


def describe_here(directory: str, stack: str, salt: str, judged: bool = False) -> str:
    """The description as JSON: the version's own components, run by this version's engine.

    What is wrong with the version's settings is an answer too: `error` in words, and `exit_code`.
    """
    gc.disable()
    # The engine's own imports may have brought its version's components in.
    for module in [name for name in sys.modules if name.split(".")[0] == "components"]:
        del sys.modules[module]
    # The process ends after this: a last collection of all that there is would be for nobody.
    atexit.register(gc.freeze)
    try:
        return json.dumps(describe(read(Path(directory), stack), salt, judged=judged))
    except WarrenError as error:
        return json.dumps({"error": str(error), "exit_code": error.exit_code})
    except Exception as error:
        if type(error).__name__ != "SettingsError":  # the version's own class, which is not ours
            raise
        # Its text is made for people; a class that is not ours can't be named in the `except`.
        (text,) = error.args
        return json.dumps({"error": text, "exit_code": 2})
