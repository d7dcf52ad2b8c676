"""What a region's brokers hold, held against what is declared there. Pure functions.

Both are RabbitMQ's definitions documents ("Schema Definition Export and Import"): the declared one is
what the region's topology job imports, the other what `GET /api/definitions` answers. An object has
drifted when it is declared and is not there, or is there with other content. What was never declared
is somebody's own, and no drift.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Item = Mapping[str, Any]
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Drift:
    """One object that is not as it is declared.

    Attributes:
        kind: section of the definitions document.
        name: the object in words, with its vhost.
        state: whether it is gone, or there with other content.
        detail: what is different, in words; never a password's hash, nor a parameter's value, which
            may hold an address with a password.
    """

    kind: str
    name: str
    state: Literal["missing", "changed"]
    detail: str = ""

    def __str__(self) -> str:
        if self.state == "changed":
            return f"{self.name}: {self.detail}"
        return f"{self.name} is missing{self.detail}"


@dataclass(frozen=True)
class _Kind:
    """How objects of a section are told apart, called and shown.

    Attributes:
        identity: fields that make the object the same one.
        words: its name, from those fields.
        secret: whether values stay unsaid.
    """

    section: str
    identity: tuple[str, ...]
    words: str
    secret: bool = False


VHOSTS = _Kind("vhosts", ("name",), "vhost {name}")
USERS = _Kind("users", ("name",), "user {name}")
EXCHANGES = _Kind("exchanges", ("vhost", "name"), "exchange {name} in vhost {vhost}")

_BINDING = ("vhost", "source", "destination", "destination_type", "routing_key", "arguments")

_KINDS = (
    VHOSTS,
    USERS,
    _Kind("permissions", ("vhost", "user"), "permission of user {user} in vhost {vhost}"),
    _Kind(
        "topic_permissions",
        ("vhost", "user", "exchange"),
        "topic permission of user {user} on exchange {exchange} in vhost {vhost}",
    ),
    _Kind(
        "parameters",
        ("vhost", "component", "name"),
        "parameter {component} {name} in vhost {vhost}",
        secret=True,
    ),
    _Kind("global_parameters", ("name",), "global parameter {name}", secret=True),
    _Kind("policies", ("vhost", "name"), "policy {name} in vhost {vhost}"),
    EXCHANGES,
    _Kind("queues", ("vhost", "name"), "queue {name} in vhost {vhost}"),
    _Kind(
        "bindings",
        _BINDING,
        "binding of {destination_type} {destination} to exchange {source} by '{routing_key}' in "
        "vhost {vhost}",
    ),
)

_PASSWORD = ("password_hash", "hashing_algorithm")

_LEFT_OUT: Mapping[str, Any] = {"arguments": {}, "auto_delete": False, "internal": False}
"""What an export leaves out when it is so."""

MEMORY = "warren_declared"
"""The global parameter in which the topology job remembers what it declared, to take it away some day."""

_SHOWN = 80
"""Characters of a value that are shown."""


def drift(declared: Document, live: Document) -> list[Drift]:
    """What differs, in the order in which it would be put right.

    Args:
        declared: the region's document.
        live: what its brokers hold; queues and exchanges that an export leaves out may be added.
    """
    gone_vhosts = _absent(VHOSTS, declared, live)
    gone_users = _absent(USERS, declared, live)
    swallowed: Counter[tuple[str, str]] = Counter()
    found: list[tuple[Drift, tuple[str, str] | None]] = []
    for kind in _KINDS:
        there = {_identity(kind, item): item for item in live.get(kind.section) or ()}
        for item in declared.get(kind.section) or ():
            owner = _owner(kind, item, gone_vhosts, gone_users)
            if owner is not None:
                swallowed[owner] += 1
                continue
            mine = (kind.section, str(item["name"])) if kind in (VHOSTS, USERS) else None
            found += [(one, mine) for one in _one(kind, item, there.get(_identity(kind, item)))]
    drifted = [_with_contents(one, swallowed[mine] if mine else 0) for one, mine in found]
    if not any(item["name"] == MEMORY for item in live.get("global_parameters") or ()):
        drifted.append(Drift("global_parameters", f"global parameter {MEMORY}", "missing"))
    return drifted


def hidden_exchanges(declared: Document) -> list[Item]:
    """Declared exchanges that no export tells of: internal ones (`rabbit_definitions:list_exchanges`)."""
    return [item for item in declared.get("exchanges") or () if item.get("internal")]


def _absent(kind: _Kind, declared: Document, live: Document) -> set[str]:
    there = {item["name"] for item in live.get(kind.section) or ()}
    return {item["name"] for item in declared.get(kind.section) or ()} - there


def _owner(
    kind: _Kind, item: Item, gone_vhosts: set[str], gone_users: set[str]
) -> tuple[str, str] | None:
    """The missing vhost or user that the object went with."""
    if item.get("vhost") in gone_vhosts:
        return VHOSTS.section, item["vhost"]
    if kind.section.endswith("permissions") and item.get("user") in gone_users:
        return USERS.section, item["user"]
    return None


def _with_contents(one: Drift, swallowed: int) -> Drift:
    if one.state == "changed" or not swallowed:
        return one
    noun = "permission" if one.kind == USERS.section else "declared object"
    text = f", with its {swallowed} {noun}{'s' if swallowed > 1 else ''}"
    return Drift(one.kind, one.name, one.state, text)


def _identity(kind: _Kind, item: Item) -> tuple[str, ...]:
    return tuple(_canonical(item.get(key, _LEFT_OUT.get(key, ""))) for key in kind.identity)


def _one(kind: _Kind, item: Item, live: Item | None) -> Iterable[Drift]:
    name = kind.words.format_map(item)
    if kind.section == "bindings" and item.get("arguments"):
        name = f"{name} with arguments {_shown(item['arguments'])}"
    if live is None:
        yield Drift(kind.section, name, "missing")
        return
    keys = [key for key in item if key not in kind.identity]
    said = [text for key in keys for text in _differences(kind, key, item[key], live)]
    if said:
        # Hash and algorithm of a password both differ, and it is one thing to say.
        yield Drift(kind.section, name, "changed", ", ".join(dict.fromkeys(said)))


def _differences(kind: _Kind, key: str, wanted: Any, live: Item) -> Iterable[str]:
    has: Any = live.get(key, _LEFT_OUT.get(key))
    if key == "tags":
        wanted, has = _tags(wanted), _tags(has)
    if key == "metadata":
        # The broker adds a description and tags of its own.
        has = {name: (has or {}).get(name) for name in wanted}
    if _canonical(wanted) == _canonical(has):
        return
    if kind is USERS and key in _PASSWORD:
        yield "its password is not the declared one"
    elif isinstance(wanted, Mapping) and isinstance(has, Mapping | list):
        yield from _inside(kind, wanted, has if isinstance(has, Mapping) else {})
    elif kind.secret:
        yield f"its {key} is not the declared one"
    else:
        yield f"{key} is {_shown(has)}, declared is {_shown(wanted)}"


def _inside(kind: _Kind, wanted: Mapping[str, Any], has: Mapping[str, Any]) -> Iterable[str]:
    for key in sorted({*wanted, *has}):
        if key not in has:
            yield f"{key} is missing"
        elif key not in wanted:
            yield f"{key} was added"
        elif _canonical(wanted[key]) != _canonical(has[key]):
            known = (
                "" if kind.secret else f" is {_shown(has[key])}, declared is {_shown(wanted[key])}"
            )
            yield f"{key}{known or ' is not the declared one'}"


def _tags(value: Any) -> list[str]:
    """Series before 3.9 wrote them as one string."""
    items: Sequence[str] = value.split(",") if isinstance(value, str) else value or ()
    return sorted(item for item in items if item)


def _canonical(value: Any) -> str:
    """The same text for the same content. RabbitMQ writes an empty table as [] or as {}."""
    return json.dumps(_emptied(value), sort_keys=True)


def _emptied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _emptied(item) for key, item in value.items()} or []
    return [_emptied(item) for item in value] if isinstance(value, list) else value


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    text = f"'{text}'" if isinstance(value, str) else text
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
