"""What a provider's SDK says about a resource type: its properties, read from the SDK's annotations."""

from __future__ import annotations

import importlib
import re
import sys
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import pulumi

_DOCUMENTED = re.compile(
    r"(?:(?:Possible|Valid|Allowed|Supported) values(?: are| include)?:?|(?:Must|Can) be one of:?)"
    r"\s*((?:`[^`\n]+`(?:, or |, and |, | or | and )?){2,})"
    # A list that goes on in words names not all of them.
    r"(?=\s*(?:[.;(\n]|$|Defaults?\b))",
)


@dataclass(frozen=True)
class Property:
    """A property of a resource or of an object in it.

    Attributes:
        hint: its annotation, forward references resolved.
        required: whether the provider refuses the object without it.
        documented: the values that its description names as the possible ones; empty where it
            names none.
    """

    hint: Any
    required: bool
    documented: tuple[str, ...] = ()


@cache
def resource_properties(token: str) -> Mapping[str, Property] | None:
    """Properties of a resource type by their registered (camelCase) names; None for unknown types.

    Imports the SDK's module if nobody has yet: for types that a program registered, it is there.
    """
    package, module_path, class_name = _place(token)
    try:
        module = importlib.import_module(f"{package}{module_path}")
    except ImportError:
        return None
    resource: Any = getattr(module, class_name, None)
    if resource is None or getattr(resource, "pulumi_type", token) != token:
        return None
    home = sys.modules[resource.__module__]
    # Kubernetes has an argument class of this name that means something else: the whole object.
    arguments = getattr(home, f"{class_name}InitArgs", None) or getattr(home, f"{class_name}Args")
    return properties(arguments)


@cache
def properties(arguments: type) -> Mapping[str, Property]:
    """Properties of an argument class of an SDK."""
    found: dict[str, Property] = {}
    for attribute in vars(arguments).values():
        getter = attribute.fget if isinstance(attribute, property) else None
        name = getattr(getter, "_pulumi_name", None)
        if getter is None or name is None:
            continue
        hint = typing.get_type_hints(
            getter,
            globalns=vars(sys.modules[arguments.__module__]),
            # The two names are free in the SDK's own `Input[T]`.
            localns={"Output": pulumi.Output, "T": type(None)},
        )["return"]
        found[str(name)] = Property(
            hint,
            required=type(None) not in _members(hint),
            documented=documented_values(getter.__doc__),
        )
    return found


def is_arguments(hint: Any) -> bool:
    """Whether the annotation is a class for an object's properties."""
    return isinstance(hint, type) and bool(getattr(hint, "_pulumi_input_type", False))


def _members(hint: Any) -> tuple[Any, ...]:
    return typing.get_args(hint) if typing.get_origin(hint) is typing.Union else (hint,)


def _place(token: str) -> tuple[str, str, str]:
    """Where the class of a type token is: package, module below it, class."""
    if token.startswith("pulumi:providers:"):
        return f"pulumi_{token.rpartition(':')[2].replace('-', '_')}", "", "Provider"
    package, module, class_name = token.split(":")
    if package == "kubernetes":
        # storage.k8s.io/v1 is pulumi_kubernetes.storage.v1.
        group, _, version = module.partition("/")
        module = f"{group.partition('.')[0]}.{version}"
    else:
        # ec2/vpc is a file of pulumi_aws.ec2, which has the class too.
        module = module.partition("/")[0]
    below = "" if module == "index" else f".{module}"
    return f"pulumi_{package.replace('-', '_')}", below.lower(), class_name


def documented_values(text: str | None) -> tuple[str, ...]:
    """The values that a description names as all there are; empty where it names none."""
    match = _DOCUMENTED.search(text or "")
    return tuple(cast("list[str]", re.findall(r"`([^`\n]+)`", match[1]))) if match else ()
