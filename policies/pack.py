"""Wraps the rules for Pulumi's analyzer. Secrecy is not told to it, so rules on it say nothing here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import pulumi
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyPack,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from policies.model import Level, Resource, Rule, StackRule
from policies.reading import UNKNOWN
from policies.rules import RULES, STACK_RULES

_LEVELS: dict[Level, EnforcementLevel] = {
    "mandatory": EnforcementLevel.MANDATORY,
    "advisory": EnforcementLevel.ADVISORY,
}


def pack() -> PolicyPack:
    """The pack; making it starts the analyzer's server, which ends with the engine."""
    return PolicyPack("warren", policies())


def policies() -> list[Policy]:
    """Every rule as a policy of Pulumi's."""
    return [*(_of_resource(rule) for rule in RULES), *(_of_stack(rule) for rule in STACK_RULES)]


def _of_resource(rule: Rule) -> Policy:
    def validate(args: ResourceValidationArgs, report: Callable[..., None]) -> None:
        resource = _resource(args.urn, args.resource_type, args.name, args.props, args.opts)
        if rule.concerns(resource.type):
            for message in rule.find(resource, _production()):
                report(f"{message}. {rule.remedy}")

    return ResourceValidationPolicy(
        name=rule.name,
        description=rule.description,
        enforcement_level=_LEVELS[rule.level],
        validate=validate,
    )


def _of_stack(rule: StackRule) -> Policy:
    def validate(args: StackValidationArgs, report: Callable[..., None]) -> None:
        resources = [
            _resource(item.urn, item.resource_type, item.name, item.props, item.opts)
            for item in args.resources
        ]
        for urn, message in rule.find(resources, _production()):
            report(f"{message}. {rule.remedy}", urn)

    return StackValidationPolicy(
        name=rule.name,
        description=rule.description,
        enforcement_level=_LEVELS[rule.level],
        validate=validate,
    )


def _resource(urn: str, type_: str, name: str, props: Any, options: Any) -> Resource:
    return Resource(
        urn=urn,
        type=type_,
        name=name,
        parent=getattr(options, "parent", None) or "",
        inputs=_plain(props),
        protect=bool(getattr(options, "protect", False)),
        secrets_known=False,
    )


def _plain(value: Any) -> Any:
    """Plain data of the SDK's views, which are no lists or dicts and raise where a value is unknown."""
    if isinstance(value, Mapping):
        mapping = cast("Mapping[str, Any]", value)
        return {key: _item(mapping, key) for key in mapping}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        sequence = cast("Sequence[Any]", value)
        return [_item(sequence, index) for index in range(len(sequence))]
    return value


def _item(holder: Any, key: Any) -> Any:
    try:
        return _plain(holder[key])
    except UnknownValueError:
        return UNKNOWN


def _production() -> bool:
    """What the stack's own config says; the engine hands it to the pack (PULUMI_CONFIG)."""
    return pulumi.Config("warren").get_bool("production") or False
