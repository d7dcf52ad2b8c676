"""Consequences of changed definitions: what becomes of messages, publishers and consumers.

What the topology job does with what is no longer declared is in `components/topology/reconcile.escript`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from warren.comparison.consequences.limits import Entry, Sides, policy, shorter
from warren.comparison.consequences.model import Change, Consequence


def definitions(change: Change) -> Iterator[Consequence]:
    """The rule for a Secret that holds a definitions document."""
    if change.kind != "changed":
        return
    before, after = _document(change.old), _document(change.new)
    for key in (*before, *(key for key in after if key not in before)):
        section, _, name = key.partition("[")
        rule = _RULES.get(section)
        old, new = before.get(key, {}), after.get(key, {})
        if rule is not None and old != new:
            yield from rule(name.removesuffix("]"), old, new, Sides(before, after))


def _document(inputs: Mapping[str, Any]) -> dict[str, Any]:
    found = (inputs.get("stringData") or {}).get("definitions.json")
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _queue(name: str, old: Entry, new: Entry, _sides: Sides) -> Iterator[Consequence]:
    if not new:
        yield Consequence(
            f"Queue '{name}' is no longer declared. It is deleted where it is empty and unused; else it "
            "is kept, and told of.",
            loses=True,
        )
    elif old:
        yield from _kept("Queue", name, old, new)


def _exchange(name: str, old: Entry, new: Entry, _sides: Sides) -> Iterator[Consequence]:
    if not new:
        yield Consequence(
            f"Exchange '{name}' is no longer declared. It is deleted where nothing is bound to it; who "
            "publishes to it is refused then, and its channel closed.",
            loses=True,
        )
    elif old:
        yield from _kept("Exchange", name, old, new)


def _kept(what: str, name: str, old: Entry, new: Entry) -> Iterator[Consequence]:
    """A queue or an exchange is what it was declared as, for as long as it exists."""
    for path in _differing(old, new):
        was, now = _at(old, path), _at(new, path)
        yield Consequence(
            f"{what} '{name}' keeps the {path} that it was declared with ({_shown(was)}): for "
            f"{_shown(now)} it has to be deleted by hand first, with what it holds; where it exists, "
            "`up` stops and says so.",
            loses=True,
        )


def _differing(old: Entry, new: Entry) -> list[str]:
    found = [
        key for key in ("type", "durable", "auto_delete", "internal") if _unlike(old, new, key)
    ]
    arguments = ({**(old.get("arguments") or {}), **(new.get("arguments") or {})}).keys()
    return [*found, *(key for key in sorted(arguments) if _at(old, key) != _at(new, key))]


def _unlike(old: Entry, new: Entry, key: str) -> bool:
    return old.get(key) != new.get(key)


def _at(entry: Entry, key: str) -> Any:
    return entry[key] if key in entry else (entry.get("arguments") or {}).get(key)


def _shown(value: Any) -> str:
    return (
        "none" if value is None else f"{value}".lower() if isinstance(value, bool) else f"{value}"
    )


def _binding(name: str, old: Entry, new: Entry, _sides: Sides) -> Iterator[Consequence]:
    if new or not old:
        return
    kind = "queue" if old.get("destination_type") == "queue" else "exchange"
    yield Consequence(
        f"Binding '{name}' goes: {kind} '{old.get('destination')}' gets no more messages by it.",
        loses=True,
    )


def _vhost(name: str, _old: Entry, new: Entry, _sides: Sides) -> Iterator[Consequence]:
    if not new:
        yield Consequence(
            f"Vhost '{name}' is no longer declared. It is deleted once no queue in it holds messages.",
            loses=True,
        )


def _user(name: str, old: Entry, new: Entry, _sides: Sides) -> Iterator[Consequence]:
    was, now = (set(_tags(side)) for side in (old, new))
    gained = sorted(now - was & {"administrator", "policymaker", "management", "monitoring"})
    if "administrator" in now - was:
        yield Consequence(
            f"User '{name}' becomes an administrator: it may read, purge and delete everything, and make "
            "further users.",
            loses=True,
        )
    elif old and gained:
        yield Consequence(f"User '{name}' gets the tags {', '.join(gained)}.")
    # That a user goes is told of its password, or of its link.


def _tags(user: Entry) -> list[str]:
    tags = user.get("tags") or []
    return tags.split(",") if isinstance(tags, str) else [str(item) for item in tags]


def _permission(_name: str, old: Entry, new: Entry, sides: Sides) -> Iterator[Consequence]:
    opened = [
        verb for verb in ("configure", "write", "read") if new.get(verb) == ".*" != old.get(verb)
    ]
    # The stack's own administrator has all of a new vhost too: that says nothing.
    if opened and str(new.get("user")) != "admin":
        yield Consequence(
            f"User '{new.get('user')}' may {' and '.join(opened)} everything in vhost "
            f"'{new.get('vhost')}'.",
            loses=True,
        )
    elif old and not new and _both_stay(old, sides.after):
        yield Consequence(
            f"User '{old['user']}' is shut out of vhost '{old['vhost']}'.", loses=True
        )


def _both_stay(permission: Entry, after: Entry) -> bool:
    return {f"vhosts[{permission['vhost']}]", f"users[{permission['user']}]"} <= after.keys()


def _parameter(name: str, old: Entry, new: Entry, _sides: Sides) -> Iterator[Consequence]:
    was, now = (side.get("value") for side in (old, new))
    if not isinstance(was, dict) or not isinstance(now, dict):
        return  # a set of upstreams, or a link that comes or goes: told of as a whole
    before, after = cast("Entry", was), cast("Entry", now)
    for key in ("message-ttl", "expires"):
        yield from shorter(key, "what waits for it longer is lost.", "Link")(name, before, after)
    safety = {"on-confirm": 2, "on-publish": 1, "no-ack": 0}
    first, second = (str(side.get("ack-mode", "on-confirm")) for side in (before, after))
    if safety.get(second, 0) < safety.get(first, 2):
        yield Consequence(
            f"Link '{name}', ack-mode {first} -> {second}: messages under way are lost when it breaks.",
            loses=True,
        )
    yield from _uri(name, str(before.get("uri", "")), str(after.get("uri", "")))


def _uri(name: str, old: str, new: str) -> Iterator[Consequence]:
    if old.startswith("amqps:") and not new.startswith("amqps:"):
        yield Consequence(f"Link '{name}' is no longer encrypted.", loses=True)
    if re.search(r"verify=verify_peer", old) and not re.search(r"verify=verify_peer", new):
        yield Consequence(f"Link '{name}' no longer verifies whom it talks to.", loses=True)


_RULES: Mapping[str, Callable[[str, Entry, Entry, Sides], Iterator[Consequence]]] = {
    "bindings": _binding,
    "exchanges": _exchange,
    "parameters": _parameter,
    "permissions": _permission,
    "policies": policy,
    "queues": _queue,
    "users": _user,
    "vhosts": _vhost,
}
