"""A Pulumi project on disk: its name, its stacks, their config."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from warren.errors import WarrenError
from warren.runs import yaml_file


@dataclass(frozen=True)
class Project:
    """A project and one of its stacks.

    Attributes:
        directory: where Pulumi.yaml is.
        name: of the project.
        stack: name of the stack.
        config: values by full key, as written; without the encrypted ones.
        encrypted: keys whose values only the pulumi CLI can read.
        secrets_provider: what encrypts the stack's secrets, as pulumi names it; empty for its default.
    """

    directory: Path
    name: str
    stack: str
    config: Mapping[str, Any]
    encrypted: Sequence[str] = ()
    secrets_provider: str = ""

    def runtime_config(self) -> dict[str, str]:
        """The config as the Pulumi engine hands it to a program: structures as JSON text."""
        return {key: _text(value) for key, value in self.config.items()}

    def refuse_encrypted(self) -> None:
        """Refuses to run the program without values that it may read; a provider's own don't matter.

        Raises:
            WarrenError: there are some.
        """
        own = [key for key in self.encrypted if key.startswith(f"{self.name}:")]
        if own:
            raise WarrenError(
                f"Pulumi.{self.stack}.yaml: {own[0]} is encrypted, and only the pulumi CLI can "
                "read it.",
                "Install pulumi and run again with --engine pulumi; there is no offline plan of it.",
                exit_code=2,
            )

    @property
    def production(self) -> bool:
        """Whether the stack's settings say that it is production; rules are stricter there."""
        return self.section("production") in (True, "true")

    def section(self, key: str) -> Any:
        """The value of `warren:<key>`, or None."""
        return self.config.get(f"{self.name}:{key}")


def stacks(directory: Path) -> list[str]:
    """Stacks that have a file."""
    return sorted(
        file.name.removeprefix("Pulumi.").removesuffix(".yaml")
        for file in directory.glob("Pulumi.*.yaml")
    )


def read(directory: Path, stack: str) -> Project:
    """Reads a project and a stack's config.

    Raises:
        WarrenError: a file is missing or is no YAML.
    """
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", stack):
        # What begins otherwise would be an option to the commands that it is handed to.
        raise WarrenError(
            f"'{stack}' is no name of a stack.",
            "It begins with a letter, digit or '_', and holds these, '-' and '.' only.",
            exit_code=2,
        )
    if not directory.is_dir():
        raise WarrenError(
            f"{directory} is no directory.", "Give --cwd the project's directory.", exit_code=2
        )
    main = yaml_file.read(directory / "Pulumi.yaml")
    name = str(main.get("name", ""))
    if stack not in stacks(directory):
        known = ", ".join(stacks(directory)) or "none"
        alike = difflib.get_close_matches(stack, stacks(directory), 1)
        meant = f"Did you mean '{alike[0]}'? " if alike else ""
        raise WarrenError(
            f"There is no stack '{stack}': {directory / f'Pulumi.{stack}.yaml'} does not exist.",
            f"{meant}Choose with --stack; there are: {known}.",
            exit_code=2,
        )
    file = directory / f"Pulumi.{stack}.yaml"
    own = yaml_file.read(file)
    config: dict[str, Any] = {}
    encrypted: list[str] = []
    for key, value in _config(directory / "Pulumi.yaml", main).items():
        given = value.get("value", value.get("default")) if isinstance(value, dict) else value
        if given is not None:
            config[key if ":" in key else f"{name}:{key}"] = given
    for key, value in _config(file, own).items():
        if isinstance(value, dict) and set(cast("dict[str, Any]", value)) == {"secure"}:
            encrypted.append(key)
        else:
            config[key] = value
    return Project(directory, name, stack, config, encrypted, str(own.get("secretsprovider") or ""))


def _config(file: Path, content: Mapping[str, Any]) -> dict[str, Any]:
    """The file's `config`, which may be missing or empty."""
    config: Any = content.get("config")
    if config is None:
        return {}
    if not isinstance(config, dict):
        raise WarrenError(
            f"{file}: config is no mapping of keys.", "Write `config:` and the keys under it.", 2
        )
    return cast("dict[str, Any]", config)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value)
