"""Annotated types shared by the settings: names, durations, quantities, address ranges.

Each type refuses a wrong value with a sentence that says what would be right, because that sentence
is what an operator reads.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import core_schema

DURATION = r"^([0-9]{1,12})(ms|s|m|h|d)$"
_DURATION = re.compile(DURATION)
_DURATION_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}

_LONGEST_MS = 36_500 * 86_400_000
"""A hundred years: certificates know no more of the future, and timers far less."""

QUANTITY = r"^([0-9]{1,15}(?:\.[0-9]{1,9})?)(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$"
_QUANTITY = re.compile(QUANTITY)
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

    @model_validator(mode="before")
    @classmethod
    def _no_numbers_of_truth(cls, values: Any) -> Any:
        """pydantic, as Python, takes true for 1, and `replicas: yes` would be one replica: where a
        number is meant, true and false become words, which the number's own check refuses."""
        if not isinstance(values, dict):
            return values
        result = dict(cast("dict[Any, Any]", values))
        for name, field in cls.model_fields.items():
            key = name if name in result else field.alias
            if key is None or key not in result:
                continue
            kinds = _kinds(field.annotation)
            if kinds & {int, float} and bool not in kinds:
                result[key] = _worded(result[key])
        return result


def _worded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _worded(item) for key, item in cast("dict[Any, Any]", value).items()}
    if isinstance(value, list):
        return [_worded(item) for item in cast("list[Any]", value)]
    return str(value).lower() if isinstance(value, bool) else value


def _kinds(annotation: Any) -> set[type]:
    """The plain types within an annotation."""
    if get_origin(annotation) is Literal:
        return {type(item) for item in get_args(annotation)}
    if isinstance(annotation, type) and not get_args(annotation):
        return {annotation}
    return {kind for item in get_args(annotation) for kind in _kinds(item)}


def duration_ms(value: str) -> int:
    """Milliseconds of a duration such as `500ms`, `30s`, `5m`, `12h` or `7d`."""
    match = _DURATION.fullmatch(value)
    if match is None:
        raise ValueError(
            f"'{value}' is not a duration; write a number and ms, s, m, h or d: 30s, 12h"
        )
    milliseconds = int(match.group(1)) * _DURATION_MS[match.group(2)]
    if milliseconds > _LONGEST_MS:
        raise ValueError(f"'{value}' is more than a hundred years; write 36500d or less")
    return milliseconds


def duration_seconds(value: str) -> int:
    """Whole seconds of a duration; a fraction of a second is refused."""
    milliseconds = duration_ms(value)
    if milliseconds % 1000:
        raise ValueError(f"'{value}' is not a whole number of seconds")
    return milliseconds // 1000


def quantity(value: str) -> float:
    """The number behind a Kubernetes quantity: bytes of `20Gi`, cores of `500m`."""
    match = _QUANTITY.fullmatch(value)
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


CORES = r"^([0-9]{1,4}(\.[0-9]{1,3})?|[0-9]{1,7}m)$"
CIDR = r"^[0-9A-Fa-f:.]+/[0-9]{1,3}$"


def _text(pattern: str) -> dict[str, Any]:
    """The schema of a text of this form, for editors."""
    return {"type": "string", "pattern": pattern}


def _bytes(value: str) -> str:
    if value.endswith("m"):
        raise ValueError(
            f"'{value}' is a thousandth part of bytes; write for example 512Mi or 20Gi"
        )
    if quantity(value) <= 0:
        raise ValueError(f"'{value}' is not greater than zero")
    return value


def _cores(value: str) -> str:
    if re.fullmatch(CORES, value) is None:
        raise ValueError(f"'{value}' is no number of CPU cores; write for example 2, 1.5 or 500m")
    if quantity(value) < 0.001:
        raise ValueError(f"'{value}' is less than Kubernetes counts; write 1m or more")
    return value


@dataclass(frozen=True)
class Formed:
    """Text of a form, refused with words instead of the pattern.

    Attributes:
        pattern: the form, from ^ to $; also the schema's.
        words: what would be right.
        longest: characters at most.
    """

    pattern: str
    words: str
    longest: int = 253

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": self.pattern, "maxLength": self.longest}

    def _checked(self, value: str) -> str:
        if len(value) > self.longest:
            raise ValueError(f"{len(value)} characters are too many; {self.longest} are the most")
        # `$` alone would let a line break pass at the end.
        if re.fullmatch(self.pattern, value) is None:
            raise ValueError(f"'{value[:60]}' is not {self.words}")
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


Duration = Annotated[str, AfterValidator(_duration), WithJsonSchema(_text(DURATION))]
"""A span of time: number and unit (`ms`, `s`, `m`, `h`, `d`)."""

Seconds = Annotated[str, AfterValidator(_whole_seconds), WithJsonSchema(_text(DURATION))]
"""A span of time of whole seconds."""

Bytes = Annotated[
    str, BeforeValidator(_quoted), AfterValidator(_bytes), WithJsonSchema(_text(QUANTITY))
]
"""A Kubernetes quantity of bytes, as text: `20Gi`, `512Mi`, `100M`."""

Cores = Annotated[
    str, BeforeValidator(_quoted), AfterValidator(_cores), WithJsonSchema(_text(CORES))
]
"""A Kubernetes quantity of CPU, as text: `2`, `500m`, `1.5`."""

Cidr = Annotated[str, AfterValidator(_cidr), WithJsonSchema(_text(CIDR))]
"""An IPv4 or IPv6 network in CIDR form, with no host bits set."""

Ipv4Cidr = Annotated[Cidr, AfterValidator(_ipv4)]
"""The same, of IPv4 alone."""

Regex = Annotated[str, StringConstraints(min_length=1), AfterValidator(_regex)]
"""A regular expression that RabbitMQ (PCRE) and Python both accept."""

Label = Annotated[
    str,
    Formed(
        r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$",
        "a name of lower-case letters, digits and '-', beginning with a letter, of 40 characters "
        "at most; write for example east or use1",
        40,
    ),
]
"""A DNS label of at most 40 characters: lower-case letters, digits and '-', beginning with a letter.
Shorter than DNS allows (63), since names of resources are made from it."""

DnsName = Annotated[
    str,
    Formed(
        r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
        "a DNS name of two parts or more in lower case, without a last dot, none longer than 63 "
        "characters; write for example mq.example.com",
    ),
]
"""A fully qualified DNS name without the last dot."""

ObjectName = Annotated[
    str,
    Formed(
        r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        "a name of letters, digits, '.', '_' and '-', beginning with a letter or digit",
        200,
    ),
]
"""A name of an exchange, queue or policy: letters, digits, '.', '_' and '-'. Narrower than AMQP's
own rule on purpose: such names need no escaping in patterns, paths and metrics."""

Series = Annotated[
    str,
    BeforeValidator(_quoted),
    Formed(r"^[0-9]{1,3}\.[0-9]{1,3}$", 'a release series; write for example "4.3"', 7),
]
"""A release series such as "4.3", as text."""

ObjectRef = Annotated[
    str,
    Formed(
        r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
        "the name of a Kubernetes object: lower-case letters, digits, '-' and '.'",
    ),
]
"""Name of a Kubernetes object (RFC 1123 subdomain)."""

LabelKey = Annotated[
    str,
    Formed(
        r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$",
        "the key of a Kubernetes label or annotation; write for example example.com/disk",
        317,
    ),
]
"""Key of a label, taint or annotation, with or without a prefix."""

LabelValue = Annotated[
    str,
    Formed(
        r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$",
        "a Kubernetes label's value: letters, digits, '-', '_' and '.', 63 at most",
        63,
    ),
]
"""Value of a label or taint."""
