"""Compares registered values with annotations. What is unknown until `up` is not judged."""

from __future__ import annotations

import difflib
import enum
import json
import typing
from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import pulumi

from warren.plan.model import Step
from warren.sdk.annotations import Property, is_arguments, properties, resource_properties
from warren.values import MASK, is_secret, is_unknown

_SCALARS: Mapping[type, tuple[type, ...]] = {
    str: (str,),
    bool: (bool,),
    int: (int,),
    float: (int, float),
}


@dataclass(frozen=True)
class Fault:
    """An argument that the SDK does not allow.

    Attributes:
        path: such as `vpcConfig.subnetIds[0]`; "" where the resource's type itself is unknown.
    """

    urn: str
    type: str
    name: str
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.type} {self.name}: {self.path or 'type'}: {self.message}"


def check(steps: Iterable[Step]) -> list[Fault]:
    """Everything in registered resources that their SDKs do not allow; components are left out.

    Enums hold as the SDK has them, also where its annotation lets any text through: a value newer
    than the pinned SDK is told of, and comes in with a newer SDK.
    """
    return [
        Fault(step.urn, step.type, step.name, path, message)
        for step in steps
        if step.custom and step.op != "delete"
        for path, message in resource_faults(step.type, step.inputs)
    ]


def resource_faults(token: str, inputs: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Path and fault of what is wrong with a resource's inputs."""
    known = resource_properties(token)
    if known is None:
        return [("", f"the SDK has no resource type {token}")]
    if token.startswith("pulumi:providers:"):
        # Providers' properties travel as text, structures in JSON.
        inputs = {key: _provider_value(value, known.get(key)) for key, value in inputs.items()}
    return list(_object(inputs, known, ""))


def _object(
    value: Mapping[str, Any], known: Mapping[str, Property], path: str, *, hidden: bool = False
) -> Iterator[tuple[str, str]]:
    for key, item in value.items():
        place = f"{path}.{key}" if path else key
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            yield place, f"unknown property{f'; {near[0]} is meant?' if near else ''}"
        else:
            yield from _value(item, known[key].hint, place, known[key].documented, hidden=hidden)
    for key, item in known.items():
        if item.required and value.get(key) is None:
            yield f"{path}.{key}" if path else key, "is required, and missing"


def _value(
    value: Any, hint: Any, path: str, documented: Sequence[str] = (), *, hidden: bool = False
) -> list[tuple[str, str]]:
    if is_secret(value):
        return _value(value["value"], hint, path, documented, hidden=True)
    members = list(_alternatives(hint))
    if value is None or is_unknown(value) or any(item in (Any, object) for item in members):
        return []
    tried = [_member(value, item, path, documented, hidden) for item in members]
    if not all(tried):
        return []
    # The alternative that it was most likely meant to be: of the same shape, and least wrong.
    same = [found for found in tried if found[0][0] != path] or [
        found for found, item in zip(tried, members, strict=True) if _shape(item) is type(value)
    ]
    if same or len(tried) == 1:
        return min(same or tried, key=len)
    wanted = " or ".join(_name(item) for item in members)
    return [(path, f"{_shown(value, hidden)} is not {wanted}")]


def _member(
    value: Any, hint: Any, path: str, documented: Sequence[str], hidden: bool
) -> list[tuple[str, str]]:
    """What is wrong with a value if it is to be of this one type."""
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return _one_of(value, [item.value for item in hint], path, hidden)
    if typing.get_origin(hint) is Literal:
        return _one_of(value, typing.get_args(hint), path, hidden)
    shape = _shape(hint)
    if hint not in _SCALARS and shape not in (list, dict):
        raise TypeError(f"{path}: the annotation {hint} is of a kind that this check does not know")
    fits = isinstance(value, _SCALARS.get(hint, (list, dict)))
    if not fits or isinstance(value, bool) != (hint is bool) or shape not in (hint, type(value)):
        return [(path, f"{_shown(value, hidden)} is not {_name(hint)}")]
    if shape is list:
        (inner,) = typing.get_args(hint)
        return [
            fault
            for index, item in enumerate(cast("list[Any]", value))
            for fault in _value(item, inner, f"{path}[{index}]", documented, hidden=hidden)
        ]
    if shape is dict:
        return _mapping(cast("dict[str, Any]", value), hint, path, hidden)
    return _one_of(value, documented, path, hidden) if documented and hint is str else []


def _mapping(value: Mapping[str, Any], hint: Any, path: str, hidden: bool) -> list[tuple[str, str]]:
    if is_arguments(hint):
        return list(_object(value, properties(hint), path, hidden=hidden))
    inner = typing.get_args(hint)[1]
    return [
        fault
        for key, item in value.items()
        for fault in _value(item, inner, f"{path}.{key}", hidden=hidden)
    ]


def _alternatives(hint: Any) -> Iterator[Any]:
    """The types that a value may have, without what the SDK wraps around them."""
    if typing.get_origin(hint) is not typing.Union:
        yield hint
        return
    members = [
        item
        for item in typing.get_args(hint)
        if item is not type(None)
        and typing.get_origin(item) not in (Awaitable, pulumi.Output)
        and not typing.is_typeddict(item)
    ]
    # `str | SomeEnum`: any text is let through by the annotation, and the enum is what is meant.
    enums = [item for item in members if isinstance(item, type) and issubclass(item, enum.Enum)]
    for item in members:
        if not (enums and item in (str, int, float)):
            yield from _alternatives(item)


def _one_of(value: Any, allowed: Sequence[Any], path: str, hidden: bool) -> list[tuple[str, str]]:
    if value in allowed:
        return []
    shown = _shown(value, hidden)
    near = difflib.get_close_matches(str(value), [str(item) for item in allowed], 1)
    hint = f"; {near[0]} is meant?" if near and not hidden else ""
    return [(path, f"{shown} is none of {', '.join(map(str, allowed))}{hint}")]


def _provider_value(value: Any, known: Property | None) -> Any:
    text = value["value"] if is_secret(value) else value
    if known is None or not isinstance(text, str) or is_unknown(text):
        return value
    if str in _alternatives(known.hint):
        return value
    try:
        return json.loads(text)
    except ValueError:
        return value


def _shape(hint: Any) -> type | None:
    origin = typing.get_origin(hint)
    if origin in (list, Sequence):
        return list
    if is_arguments(hint) or origin in (dict, Mapping):
        return dict
    return hint if isinstance(hint, type) else None


def _name(hint: Any) -> str:
    names: dict[type | None, str] = {
        str: "a text",
        bool: "true or false",
        int: "a whole number",
        float: "a number",
        list: "a list",
        dict: "an object",
    }
    return names.get(_shape(hint), str(hint))


def _shown(value: Any, hidden: bool) -> str:
    if hidden:
        return MASK
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
