"""Whether ranges stand for everybody: one that says so, or several that come to the same."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

EVERYWHERE = ("0.0.0.0/0", "::/0")

ENOUGH = 0.5
"""Share of all addresses from which on a list names nobody."""


def everybody(ranges: Iterable[str]) -> bool:
    """Whether the union of the ranges has half of all IPv4 or IPv6 addresses, or more.

    Half, and not all: two halves less one address are as open as 0.0.0.0/0.
    """
    networks = [ipaddress.ip_network(item) for item in ranges]
    four = [item for item in networks if isinstance(item, ipaddress.IPv4Network)]
    six = [item for item in networks if isinstance(item, ipaddress.IPv6Network)]
    return (
        sum(item.num_addresses for item in ipaddress.collapse_addresses(four)) >= ENOUGH * 2**32
        or sum(item.num_addresses for item in ipaddress.collapse_addresses(six)) >= ENOUGH * 2**128
    )


def widest(ranges: Iterable[str]) -> int:
    """The shortest prefix of IPv4 ranges when adjoining ones are joined: two /8 may be a /7."""
    joined = ipaddress.collapse_addresses(ipaddress.IPv4Network(item) for item in ranges)
    return min((item.prefixlen for item in joined), default=32)
