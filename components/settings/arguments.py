"""Which arguments and policy keys RabbitMQ takes, for which type of queue, since which series.

Sources: `capabilities/0` of `rabbit_classic_queue`, `rabbit_quorum_queue` and `rabbit_stream_queue`
(`queue_arguments`, `unsupported_policies`), the validators of `rabbit_policies` and the checks of
`rabbit_amqqueue` (deps/rabbit/src), as RabbitMQ 4.3.6 answers them. What a broker refuses fails the
topology job in the middle of an `up`; what it only ignores is refused here too, since whoever wrote it
counts on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from components.settings.keys import similar

Check = Callable[[object], str | None]
"""What a value should be, where it is not; None where it is right."""

TYPES = ("classic", "quorum", "stream")

_LONGEST = 4_294_967_295
"""Milliseconds that a queue's timers take (`MAX_EXPIRY_TIMER` in rabbit.hrl): 49 days."""

_LARGEST = 2**63 - 1


def _number(least: int, most: int = _LARGEST) -> Check:
    def check(value: object) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return None
        upper = "" if most == _LARGEST else f" to {most}"
        return f"a whole number from {least}{upper or ' up'}"

    return check


def _one_of(*words: str) -> Check:
    return lambda value: None if value in words else f"one of {', '.join(words)}"


def _text(value: object) -> str | None:
    return (
        None
        if isinstance(value, str) and len(value.encode()) <= 255
        else "a text of 255 bytes at most"
    )


def _truth(value: object) -> str | None:
    return None if isinstance(value, bool) else "true or false"


def _age(value: object) -> str | None:
    right = isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}[YMDhms]", value)
    return None if right else "a number and Y, M, D, h, m or s, such as 7D"


@dataclass(frozen=True)
class Key:
    """An argument or a policy's key.

    Attributes:
        check: of its value.
        types: of queues that heed it; none: it is an exchange's.
        since: the first series that knows it.
    """

    check: Check
    types: tuple[str, ...] = TYPES
    since: tuple[int, int] = (4, 0)


_LIVING = ("classic", "quorum")
_OVERFLOW = ("drop-head", "reject-publish")

ARGUMENTS: Mapping[str, Key] = {
    "x-expires": Key(_number(1, _LONGEST), _LIVING),
    "x-message-ttl": Key(_number(0, _LONGEST), _LIVING),
    "x-dead-letter-exchange": Key(_text, _LIVING),
    "x-dead-letter-routing-key": Key(_text, _LIVING),
    "x-dead-letter-strategy": Key(_one_of("at-most-once", "at-least-once"), ("quorum",)),
    "x-max-length": Key(_number(0), _LIVING),
    "x-max-length-bytes": Key(_number(0)),
    "x-max-in-memory-length": Key(_number(0), ("quorum",)),
    "x-max-in-memory-bytes": Key(_number(0), ("quorum",)),
    "x-max-priority": Key(_number(1, 255), ("classic",)),
    "x-overflow": Key(_one_of(*_OVERFLOW, "reject-publish-dlx"), _LIVING),
    "x-single-active-consumer": Key(_truth, _LIVING),
    "x-queue-mode": Key(_one_of("default", "lazy"), ("classic",)),
    "x-queue-version": Key(_number(2, 2), ("classic",)),
    "x-queue-leader-locator": Key(_one_of("client-local", "balanced")),
    "x-quorum-initial-group-size": Key(_number(1, 99), ("quorum",)),
    "x-delivery-limit": Key(_number(-1), ("quorum",)),
    "x-consumer-timeout": Key(_number(0), ("quorum",), (4, 3)),
    "x-consumer-disconnected-timeout": Key(_number(0), ("quorum",), (4, 3)),
    "x-delayed-retry-type": Key(
        _one_of("disabled", "all", "failed", "returned"), ("quorum",), (4, 3)
    ),
    "x-delayed-retry-min": Key(_number(1), ("quorum",), (4, 3)),
    "x-delayed-retry-max": Key(_number(1), ("quorum",), (4, 3)),
    "x-max-age": Key(_age, ("stream",)),
    "x-stream-max-segment-size-bytes": Key(_number(1, 3_000_000_000), ("stream",)),
    "x-stream-filter-size-bytes": Key(_number(16, 255), ("stream",)),
    "x-initial-cluster-size": Key(_number(1, 99), ("stream",)),
}
"""Arguments of queues, but for x-queue-type, which is `type`."""

POLICIES: Mapping[str, Key] = {
    "alternate-exchange": Key(_text, ()),
    "dead-letter-exchange": Key(_text, _LIVING),
    "dead-letter-routing-key": Key(_text, _LIVING),
    "dead-letter-strategy": Key(_one_of("at-most-once", "at-least-once"), ("quorum",)),
    "message-ttl": Key(_number(0), _LIVING),
    "expires": Key(_number(1), _LIVING),
    "max-length": Key(_number(0), _LIVING),
    "max-length-bytes": Key(_number(0)),
    "max-in-memory-length": Key(_number(0), ("quorum",)),
    "max-in-memory-bytes": Key(_number(0), ("quorum",)),
    "queue-mode": Key(_one_of("default", "lazy"), ("classic",)),
    "queue-version": Key(_number(2, 2), ("classic",)),
    "overflow": Key(_one_of(*_OVERFLOW, "reject-publish-dlx"), _LIVING),
    "delivery-limit": Key(_number(-1), ("quorum",)),
    "consumer-timeout": Key(_number(0), ("classic", "quorum")),
    "consumer-disconnected-timeout": Key(_number(0), ("quorum",), (4, 3)),
    "max-age": Key(_age, ("stream",)),
    "stream-max-segment-size-bytes": Key(_number(1, 3_000_000_000), ("stream",)),
    "stream-filter-size-bytes": Key(_number(16, 255), ("stream",)),
    "queue-leader-locator": Key(_one_of("client-local", "balanced")),
    "initial-cluster-size": Key(_number(1, 99), ("stream",)),
    "target-group-size": Key(_number(1, 99), ("quorum",)),
}
"""Keys of policies. Each has a validator in RabbitMQ, which refuses keys without one."""

APPLIES: Mapping[str, tuple[str, ...]] = {
    "queues": TYPES,
    "quorum_queues": ("quorum",),
    "classic_queues": ("classic",),
    "streams": ("stream",),
    "exchanges": (),
}
"""Types of queues that a policy's `apply_to` reaches."""


def wrong_arguments(kind: str, arguments: Mapping[str, object]) -> Iterator[str]:
    """What is wrong with the arguments of a queue of a type, as sentences with the key's path."""
    for name, value in arguments.items():
        known = ARGUMENTS.get(name)
        here = f"arguments.{name}"
        if name == "x-queue-type":
            yield f"{here}: the type is said by `type`; take it out, and write type: {value}"
        elif known is None:
            if name.startswith("x-"):
                yield f"{here}: RabbitMQ knows no such argument of queues{similar(name, list(ARGUMENTS))}"
        elif kind not in known.types:
            yield f"{here}: a {kind} queue does not take it; {_takers(known)} do"
        elif (right := known.check(value)) is not None:
            yield f"{here}: should be {right}"
        elif name == "x-overflow" and value == "reject-publish-dlx" and kind == "quorum":
            yield f"{here}: a quorum queue does not know reject-publish-dlx; write reject-publish"


def wrong_policy(apply_to: str, definition: Mapping[str, object]) -> Iterator[str]:
    """What is wrong with a policy's definition, as sentences with the key's path."""
    reached = APPLIES[apply_to]
    for name, value in definition.items():
        known = POLICIES.get(name)
        here = f"definition.{name}"
        if name.startswith("ha-"):
            yield f"{here}: mirrored queues do not exist in RabbitMQ 4; use quorum queues"
        elif name.startswith("federation-"):
            yield f"{here}: federation is declared under warren:links"
        elif known is None:
            yield f"{here}: RabbitMQ knows no such key of policies{similar(name, list(POLICIES))}"
        elif not known.types and apply_to != "exchanges":
            yield f"{here}: it is for exchanges; write apply_to: exchanges"
        elif known.types and not set(known.types) & set(reached):
            yield f"{here}: without effect on {apply_to.replace('_', ' ')}; {_takers(known)} heed it"
        elif (right := known.check(value)) is not None:
            yield f"{here}: should be {right}"


def newer(
    names: Mapping[str, object], table: Mapping[str, Key], series: tuple[int, int]
) -> Iterator[tuple[str, str]]:
    """Names that the series does not know yet, with the first one that does."""
    for name in names:
        known = table.get(name)
        if known is not None and series < known.since:
            yield name, ".".join(str(part) for part in known.since)


def _takers(key: Key) -> str:
    words = {"classic": "classic queues", "quorum": "quorum queues", "stream": "streams"}
    return " and ".join(words[item] for item in key.types)
