"""Annotated types shared by the settings: names, durations, quantities, address ranges.

Each type refuses a wrong value with a sentence that says what would be right, because that sentence
is what an operator reads.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints

_DURATION = re.compile(r"^(\d+)(ms|s|m|h|d)$")
_DURATION_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}

_QUANTITY = re.compile(r"^(\d+(?:\.\d+)?)(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$")
_QUANTITY_FACTOR = {
    None: 1.0,
    "m": 0.001,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "P": 1e15,
    "Ki": 2.0**10,
    "Mi": 2.0**20,
    "Gi": 2.0**30,
    "Ti": 2.0**40,
    "Pi": 2.0**50,
}


class Model(BaseModel):
    """Base of all settings: frozen, and an unknown key is an error rather than a silent typo."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def duration_ms(value: str) -> int:
    """Milliseconds of a duration such as `500ms`, `30s`, `5m`, `12h` or `7d`."""
    match = _DURATION.match(value)
    if match is None:
        raise ValueError(
            f"'{value}' is not a duration; write a number and ms, s, m, h or d: 30s, 12h"
        )
    return int(match.group(1)) * _DURATION_MS[match.group(2)]


def duration_seconds(value: str) -> int:
    """Whole seconds of a duration; a fraction of a second is refused."""
    milliseconds = duration_ms(value)
    if milliseconds % 1000:
        raise ValueError(f"'{value}' is not a whole number of seconds")
    return milliseconds // 1000


def quantity(value: str) -> float:
    """The number behind a Kubernetes quantity: bytes of `20Gi`, cores of `500m`."""
    match = _QUANTITY.match(value)
    if match is None:
        raise ValueError(
            f"'{value}' is not a Kubernetes quantity; write for example 20Gi, 512Mi or 500m"
        )
    return float(match.group(1)) * _QUANTITY_FACTOR[match.group(2)]


def _duration(value: str) -> str:
    duration_ms(value)
    return value


def _whole_seconds(value: str) -> str:
    duration_seconds(value)
    return value


def _quantity(value: str) -> str:
    if quantity(value) <= 0:
        raise ValueError(f"'{value}' is not greater than zero")
    return value


def _quoted(value: object) -> object:
    """YAML turns an unquoted 4.0 into the number 4.0 and 4.10 into 4.1: take text only."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(
            f"put quotes around {value}, or YAML reads it as a number and drops its zeros"
        )
    return value


def _cidr(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError as error:
        raise ValueError(
            f"'{value}' is not an address range such as 10.0.0.0/16 ({error})"
        ) from None


def _ipv4(value: str) -> str:
    if ipaddress.ip_network(value).version != 4:
        raise ValueError(f"'{value}' is not an IPv4 range")
    return value


def _regex(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"'{value}' is not a regular expression: {error}") from None
    return value


Duration = Annotated[str, AfterValidator(_duration)]
"""A span of time: number and unit (`ms`, `s`, `m`, `h`, `d`)."""

Seconds = Annotated[str, AfterValidator(_whole_seconds)]
"""A span of time of whole seconds."""

Quantity = Annotated[str, BeforeValidator(_quoted), AfterValidator(_quantity)]
"""A Kubernetes quantity, as text: `20Gi`, `500m`."""

Cidr = Annotated[str, AfterValidator(_cidr)]
"""An IPv4 or IPv6 network in CIDR form, with no host bits set."""

Ipv4Cidr = Annotated[Cidr, AfterValidator(_ipv4)]
"""The same, of IPv4 alone."""

Regex = Annotated[str, StringConstraints(min_length=1), AfterValidator(_regex)]
"""A regular expression that RabbitMQ (PCRE) and Python both accept."""

Label = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$"),
]
"""A DNS label of at most 40 characters: lower-case letters, digits and '-', beginning with a letter.
Shorter than DNS allows (63), since names of resources are made from it."""

DnsName = Annotated[
    str,
    StringConstraints(
        pattern=r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=253
    ),
]
"""A fully qualified DNS name without the last dot."""

ObjectName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=200)
]
"""A name of an exchange, queue or policy: letters, digits, '.', '_' and '-'. Narrower than AMQP's
own rule on purpose: such names need no escaping in patterns, paths and metrics."""

Series = Annotated[str, BeforeValidator(_quoted), StringConstraints(pattern=r"^\d+\.\d+$")]
"""A release series such as "4.3", as text."""
