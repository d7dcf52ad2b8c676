"""Annotated types that the clouds' settings share: address ranges and identifiers."""

from __future__ import annotations

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, StringConstraints, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from components.settings.values import Ipv4Cidr

WIDEST_API = 8
"""Shortest prefix of a range that may reach the Kubernetes API."""


def _not_everyone(value: str) -> str:
    if ipaddress.ip_network(value).prefixlen < WIDEST_API:
        raise ValueError(
            f"'{value}' opens the Kubernetes API to the Internet; give the ranges of your "
            "operators and runners"
        )
    return value


_PRIVATE = tuple(
    ipaddress.IPv4Network(item)
    for item in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)
"""RFC 1918, and RFC 6598's shared space. What else Python calls private is the machine's own, a
link's, for documents or of class E: no cloud makes a network of it, or none that others reach."""


def _private(value: str) -> str:
    if not any(ipaddress.IPv4Network(value).subnet_of(item) for item in _PRIVATE):
        raise ValueError(
            f"'{value}' is not a private range; take one of 10.0.0.0/8, 172.16.0.0/12, "
            "192.168.0.0/16"
        )
    return value


def _block(value: str) -> str:
    if not 16 <= ipaddress.ip_network(value).prefixlen <= 20:
        raise ValueError(
            f"'{value}' is not between /16 and /20: a region needs room for three zones of "
            "nodes and pods"
        )
    return value


PrivateCidr = Annotated[Ipv4Cidr, AfterValidator(_private)]
Block = Annotated[PrivateCidr, AfterValidator(_block)]
AuthorizedCidr = Annotated[Ipv4Cidr, AfterValidator(_not_everyone)]


def digits(value: object) -> object:
    """YAML reads unquoted digits as a number, and with a leading zero as an octal one: whatever it is
    by now, it is no longer what was written, so it is not repeated either."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValidationError.from_exception_data(
            "digits",
            [
                InitErrorDetails(
                    type=PydanticCustomError(
                        "unquoted",
                        "put quotes around it, or YAML reads it as a number, and as another one "
                        "where it begins with a zero",
                    ),
                    input=None,
                )
            ],
        )
    return value


Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
