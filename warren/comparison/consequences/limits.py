"""Consequences of changed policies: what a limit that is new or narrower does with what waits.

Sources: RabbitMQ's guides on TTL (a policy's TTL holds for messages that wait already), on queue length
(beyond it messages are dropped from the head, unless overflow says reject-publish), on dead lettering and on
quorum queues (the delivery limit).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from warren.comparison.consequences.model import Consequence

Entry = Mapping[str, Any]
Rule = Callable[[str, Entry, Entry], Iterator[Consequence]]
"""Looks at a name, and at what holds before and after."""


@dataclass(frozen=True)
class Sides:
    """The whole of two definitions documents, by section and name."""

    before: Entry
    after: Entry


def policy(name: str, old: Entry, new: Entry, sides: Sides) -> Iterator[Consequence]:
    if not old and _of_a_new_queue(name, sides.before):
        return  # a limit of what begins with it drops nothing
    was, now = (cast("Entry", side.get("definition") or {}) for side in (old, new))
    for key, rule in _LIMITS.items():
        if was.get(key) != now.get(key):
            yield from rule(name, was, now)
    if _carries(was) and not (_carries(now) and old.get("pattern") == new.get("pattern")):
        yield Consequence(
            f"Policy '{name}' made links carry what matches '{old.get('pattern')}'; "
            + (f"now it is '{new.get('pattern')}'." if _carries(now) else "they no longer do."),
            loses=True,
        )
    elif old and new and old.get("pattern") != new.get("pattern"):
        yield Consequence(
            f"Policy '{name}' holds for '{new.get('pattern')}', no longer for '{old.get('pattern')}'."
        )


def _of_a_new_queue(name: str, before: Entry) -> bool:
    """Warren's own policies hold for one queue each, or what waits for one region, and come with it."""
    vhost, _, own = name.partition("/")
    region = own.removeprefix("warren.backlog.")
    if region != own:
        linked = (key for key in before if key.startswith("permissions[link:"))
        return not any(f".{region}:" in key and key.endswith(f" in {vhost}]") for key in linked)
    queue = own.removeprefix("warren.queue.")
    return queue != own and f"queues[{vhost}/{queue}]" not in before


def _carries(definition: Entry) -> bool:
    return any(key.startswith("federation-upstream") for key in definition)


def shorter(key: str, text: str, what: str = "Policy") -> Rule:
    """A time in milliseconds that is new, or shorter than before."""

    def rule(name: str, was: Entry, now: Entry) -> Iterator[Consequence]:
        before, after = was.get(key), now.get(key)
        if isinstance(after, int) and (not isinstance(before, int) or after < before):
            span = f"{_span(before) if isinstance(before, int) else 'none'} -> {_span(after)}"
            yield Consequence(f"{what} '{name}', {key} {span}: {text}", loses=True)

    return rule


def _length(key: str) -> Rule:
    def rule(name: str, was: Entry, now: Entry) -> Iterator[Consequence]:
        before, after = was.get(key), now.get(key)
        if not isinstance(after, int) or (isinstance(before, int) and after >= before):
            return
        change = f"Policy '{name}', {key} {_number(before)} -> {_number(after)}"
        # drop-head is what RabbitMQ does where a queue says nothing.
        if str(now.get("overflow", "drop-head")).startswith("reject-publish"):
            yield Consequence(f"{change}: publishers are refused sooner.")
        else:
            yield Consequence(
                f"{change}: what a queue holds beyond that is dropped at once, the oldest first.",
                loses=True,
            )

    return rule


def _overflow(name: str, was: Entry, now: Entry) -> Iterator[Consequence]:
    limited = any(key in now for key in ("max-length", "max-length-bytes"))
    refused = str(was.get("overflow", "drop-head")).startswith("reject-publish")
    if limited and refused and str(now.get("overflow", "drop-head")) == "drop-head":
        yield Consequence(
            f"Policy '{name}', overflow {was['overflow']} -> drop-head: a full queue drops its oldest "
            "messages from now on, where it refused new ones.",
            loses=True,
        )


def _dead_letters(name: str, was: Entry, now: Entry) -> Iterator[Consequence]:
    if "dead-letter-exchange" in was and "dead-letter-exchange" not in now:
        yield Consequence(
            f"Policy '{name}', dead-letter-exchange {was['dead-letter-exchange']} -> none: messages that "
            "are rejected, expire or are dropped are lost from now on.",
            loses=True,
        )


def _delivery_limit(name: str, was: Entry, now: Entry) -> Iterator[Consequence]:
    # RabbitMQ 4's own limit where none is set: 20 (quorum queues guide, "Repeated Requeues").
    before, after = (int(side.get("delivery-limit", 20)) for side in (was, now))
    unlimited = 2**31
    if (after if after >= 0 else unlimited) < (before if before >= 0 else unlimited):
        where = "dead-lettered" if "dead-letter-exchange" in now else "dropped"
        yield Consequence(
            f"Policy '{name}', delivery-limit {before} -> {after}: a message returned more often than "
            f"that is {where}.",
            loses=where == "dropped",
        )


_LIMITS: Mapping[str, Rule] = {
    "message-ttl": shorter(
        "message-ttl", "messages of that age expire at once, those that wait too."
    ),
    "expires": shorter(
        "expires", "a queue without consumers is deleted after that, messages and all."
    ),
    "max-length": _length("max-length"),
    "max-length-bytes": _length("max-length-bytes"),
    "overflow": _overflow,
    "dead-letter-exchange": _dead_letters,
    "delivery-limit": _delivery_limit,
}


def _span(milliseconds: int) -> str:
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000)):
        if milliseconds >= size and milliseconds % size == 0:
            return f"{milliseconds // size} {unit}"
    return f"{milliseconds} ms"


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else "none"
