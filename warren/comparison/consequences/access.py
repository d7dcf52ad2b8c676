"""Who is let in and shut out by changed address ranges, and whether that is everybody."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

from warren.comparison.consequences.model import Change, Consequence

MOST = 2**31
"""Half of all IPv4 addresses: 0.0.0.0/1 and 128.0.0.0/1 together are everybody too."""

Ranges = Callable[[Mapping[str, Any]], "Iterable[Any] | None"]
"""Gives the ranges of a resource's inputs; None where it names none and so lets everybody in."""


def access(change: Change, ranges: Ranges, what: str) -> Iterator[Consequence]:
    """What a change of address ranges means for who can reach `what`."""
    old, new = ranges(change.old), ranges(change.new)
    before, after = (None if side is None else [str(x) for x in side] for side in (old, new))
    if before == after:
        return
    if _everybody(after) and not _everybody(before):
        named = f" ({', '.join(after)})" if after else ""
        yield Consequence(
            f"{what[0].upper()}{what[1:]} is opened to everybody{named}: only passwords and certificates "
            "stand before it.",
            loses=True,
        )
        return
    for names, text in (
        (_without(after, before), f"Let in at {what} from now on"),
        (_without(before, after), f"Shut out of {what} from now on"),
    ):
        if names:
            yield Consequence(f"{text}: {', '.join(names)}.")


def _without(some: list[str] | None, others: list[str] | None) -> list[str]:
    if some is None:
        return ["everybody else"]
    return [item for item in some if item not in (others or [])]


def everybody(values: Iterable[Any]) -> bool:
    """Whether ranges let in all, or about all, of the internet."""
    return _everybody([str(value) for value in values])


def _everybody(values: list[str] | None) -> bool:
    if values is None:
        return True
    networks: list[ipaddress.IPv4Network] = []
    for value in values:
        if value in ("*", "Internet", "Any", "any"):
            return True
        try:
            network = ipaddress.ip_network(value, strict=False)
        except ValueError:
            continue  # a stand-in for an address that is not known yet
        if isinstance(network, ipaddress.IPv4Network):
            networks.append(network)
        elif network.prefixlen <= 1:
            return True
    return sum(item.num_addresses for item in ipaddress.collapse_addresses(networks)) >= MOST


def at(path: str, key: str = "") -> Ranges:
    """Ranges at a dotted path, each under `key` of its entry where one is given."""

    def ranges(inputs: Mapping[str, Any]) -> list[Any] | None:
        value: Any = inputs
        for part in path.split("."):
            value = cast("dict[str, Any]", value).get(part) if isinstance(value, dict) else None
        if not isinstance(value, list):
            return None
        items = cast("list[Any]", value)
        return [item.get(key) if key and isinstance(item, dict) else item for item in items]

    return ranges
