"""What a rule is, what it looks at and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Level = Literal["mandatory", "advisory"]


@dataclass(frozen=True)
class Resource:
    """A resource as it is registered.

    Attributes:
        inputs: plain values under Pulumi's camelCase names, secrets laid bare.
        secret_paths: where secrets are, such as `stringData` or `data.password`.
        secrets_known: false where the caller can't tell secrets from other values, as in a
            policy pack; rules on secrecy then say nothing.
    """

    urn: str
    type: str
    name: str
    parent: str = ""
    inputs: dict[str, Any] = field(default_factory=dict[str, Any])
    protect: bool = False
    secret_paths: set[str] = field(default_factory=set[str])
    secrets_known: bool = True

    def is_secret(self, path: str) -> bool:
        """Whether the value at the path, or one that it is part of, is marked secret."""
        return any(path == item or path.startswith(f"{item}.") for item in self.secret_paths)


@dataclass(frozen=True)
class Violation:
    """A rule that a resource breaks; `message` says how, `remedy` what to do."""

    rule: str
    level: Level
    urn: str
    message: str
    remedy: str


@dataclass(frozen=True)
class Rule:
    """A rule that looks at one resource at a time.

    Attributes:
        types: resource types that it is about, whole or as a prefix that ends in ':'.
        find: gives one sentence for each thing wrong; the second argument says whether the stack is
            production, which is what its settings say (`warren:production`), not its name.
    """

    name: str
    level: Level
    description: str
    remedy: str
    types: tuple[str, ...]
    find: Callable[[Resource, bool], Iterable[str]]

    def concerns(self, type_: str) -> bool:
        """Whether the rule is about resources of the type."""
        return any(
            type_ == item or (item.endswith(":") and type_.startswith(item)) for item in self.types
        )


@dataclass(frozen=True)
class StackRule:
    """A rule that needs the whole stack; `find` gives (urn, sentence)."""

    name: str
    level: Level
    description: str
    remedy: str
    find: Callable[[Sequence[Resource], bool], Iterable[tuple[str, str]]]
