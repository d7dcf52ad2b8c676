"""Where the Pulumi engine keeps a stack of this project: the backend, the passphrase, the settings.

Whoever is logged in to pulumi keeps state there. Everybody else has it in `.warren/pulumi` of the
project, encrypted with a generated passphrase beside it (mode 0600), so that a first `up` needs no
account; where a stack has begun to live there, it stays.

Pulumi writes the salt of its encryption into `Pulumi.<stack>.yaml`, and formats that file anew. It
gets a copy to do so (`.warren/pulumi/<stack>`): a work tree under git stays as it was.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from warren.runs.project import Project

PASSPHRASE = "PULUMI_CONFIG_PASSPHRASE"  # noqa: S105 - a variable's name
PASSPHRASE_FILE = "PULUMI_CONFIG_PASSPHRASE_FILE"  # noqa: S105 - a variable's name

_SECRETS_KEYS = ("encryptionsalt", "encryptedkey", "secretsprovider")


@dataclass(frozen=True)
class Backend:
    """Where pulumi keeps a stack.

    Attributes:
        env: variables that lead `pulumi` there.
        private: it is the project's own, in `.warren/pulumi`.
        text: where, for people.
    """

    env: Mapping[str, str]
    private: bool
    text: str


def backend_of(project: Project) -> Backend:
    """The backend in which the stack lives, or would."""
    there = login(project)
    if there is not None and not _resources(project):
        return Backend({}, private=False, text=there)
    return private_backend(_base(project))


def private_backend(base: Path) -> Backend:
    """A backend of files in a directory, which is made with its passphrase if it is not there."""
    base.mkdir(parents=True, exist_ok=True, mode=0o700)
    passphrase = base / "passphrase"
    if not passphrase.exists():
        descriptor = os.open(passphrase, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
    env = {"PULUMI_BACKEND_URL": f"file://{base}", PASSPHRASE_FILE: str(passphrase)}
    return Backend(env, private=True, text=f"file://{base}")


def login(project: Project) -> str | None:
    """Where the user is logged in to pulumi, or says that state is to be kept; None for nowhere."""
    if url := os.environ.get("PULUMI_BACKEND_URL"):
        return url
    if os.environ.get("PULUMI_ACCESS_TOKEN"):
        return "Pulumi Cloud"
    main = _mapping(project.directory / "Pulumi.yaml")
    if url := cast("dict[str, Any]", main.get("backend") or {}).get("url"):
        return str(url)
    home = Path(os.environ.get("PULUMI_HOME", Path.home() / ".pulumi"))
    try:
        current = json.loads((home / "credentials.json").read_text()).get("current")
    except (OSError, ValueError):
        return None
    return str(current) if current else None


def settings_copy(project: Project, base: Path | None = None) -> Path:
    """Writes the copy of the stack's settings that pulumi may write to, in a project of its own.

    What pulumi has added to an earlier copy stays.
    """
    directory = (base or _base(project)) / "stacks" / project.stack
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    main = _mapping(project.directory / "Pulumi.yaml")
    stub = {key: main[key] for key in ("name", "description", "backend") if key in main}
    (directory / "Pulumi.yaml").write_text(yaml.safe_dump({**stub, "runtime": "python"}))
    name = f"Pulumi.{project.stack}.yaml"
    given = _mapping(project.directory / name)
    copy = directory / name
    if not any(key in given for key in _SECRETS_KEYS) and copy.exists():
        given |= {key: value for key, value in _mapping(copy).items() if key in _SECRETS_KEYS}
    copy.write_text(yaml.safe_dump(given, sort_keys=False))
    return copy


def lives_in(project: Project) -> str | None:
    """Where pulumi has resources of this stack, as far as can be told without asking a server."""
    if _resources(project):
        return f"file://{_base(project)}"
    try:
        return str(json.loads(mark_file(project).read_text())["backend"])
    except (OSError, ValueError, KeyError):
        return None


def mark(project: Project, backend: Backend) -> None:
    """Remembers that pulumi has begun to make resources of this stack elsewhere than in `.warren`."""
    if backend.private:
        return
    mark_file(project).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    mark_file(project).write_text(json.dumps({"backend": backend.text}))


def mark_file(project: Project) -> Path:
    """The file by which it is remembered that pulumi has resources of this stack elsewhere."""
    return project.directory / ".warren" / project.stack / "pulumi.json"


def unmark(project: Project) -> None:
    """Forgets it, since they are gone."""
    mark_file(project).unlink(missing_ok=True)


def dead_lock(project: Project, backend: Backend) -> int | None:
    """The process that was killed while it held the stack in the project's own backend.

    None when nobody holds it, when its holder still runs, or when that cannot be told.
    """
    if not backend.private:
        return None
    base = Path(backend.env["PULUMI_BACKEND_URL"].removeprefix("file://"))
    locks = base / ".pulumi" / "locks" / "organization" / project.name / project.stack
    holders: list[int] = []
    for file in locks.glob("*.json"):
        try:
            content = json.loads(file.read_text())
            if content["hostname"] != socket.gethostname():
                return None
            holders.append(int(content["pid"]))
        except (OSError, ValueError, KeyError):
            return None
    if not holders or any(_alive(pid) for pid in holders):
        return None
    return holders[0] if Path("/proc/self").exists() else None


def _alive(pid: int) -> bool:
    """Whether it runs; one that is dead, and only not yet buried by its parent, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _base(project: Project) -> Path:
    return project.directory / ".warren" / "pulumi"


def _resources(project: Project) -> bool:
    """Whether the project's own backend knows resources of the stack."""
    file = _base(project) / ".pulumi" / "stacks" / project.name / f"{project.stack}.json"
    try:
        checkpoint = json.loads(file.read_text())["checkpoint"]
    except (OSError, ValueError, KeyError):
        return False
    latest = cast("dict[str, Any]", checkpoint.get("latest") or {})
    return bool(latest.get("resources") or latest.get("pending_operations"))


def _mapping(file: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(file.read_text())
    except FileNotFoundError:
        return {}
    return cast("dict[str, Any]", content) if isinstance(content, dict) else {}


def virtual_environment(project: Project) -> Path | None:
    """The virtual environment in which pulumi runs the program; None for any python on PATH."""
    runtime = _mapping(project.directory / "Pulumi.yaml").get("runtime")
    options = cast("dict[str, Any]", runtime).get("options") if isinstance(runtime, dict) else None
    name = cast("dict[str, Any]", options or {}).get("virtualenv")
    return project.directory / str(name) if name else None


def secrets_provider(settings: Path) -> str | None:
    """What encrypts the stack's secrets, if its settings name something; None for the default."""
    found = _mapping(settings).get("secretsprovider")
    return str(found) if found else None
