"""The kinds of links that there are: one entry each, and nothing else names a kind.

An entry names the kind's model and the module of components that makes definitions of it, as text:
settings know no Pulumi.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, cast

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from components.settings.links.base import LinkBase
from components.settings.links.federation import FederationLink


@dataclass(frozen=True)
class LinkKind:
    """One kind.

    Attributes:
        key: value of a link's `kind`.
        model: its settings.
        component: module with `additions` and `watch` (`components.links.contract.LinkModule`).
    """

    key: str
    model: type[LinkBase]
    component: str


DEFAULT = "federation"
"""The kind of a link that names none."""

_kinds: dict[str, LinkKind] = {
    "federation": LinkKind("federation", FederationLink, "components.links.federation")
}


def register(kind: LinkKind) -> None:
    """Adds a kind.

    Raises:
        ValueError: one of that key is there already.
    """
    if kind.key in _kinds:
        raise ValueError(f"kind of link '{kind.key}' is registered already")
    _kinds[kind.key] = kind


@contextmanager
def registered(kind: LinkKind) -> Generator[None]:
    """A kind that there is for a time only."""
    register(kind)
    try:
        yield
    finally:
        del _kinds[kind.key]


def kinds() -> tuple[LinkKind, ...]:
    """Every kind, in the order in which they are told."""
    return tuple(_kinds.values())


def kind_of(link: LinkBase) -> LinkKind:
    """A link's kind."""
    return _kinds[link.kind]


class _OneOf:
    """A tagged union that is looked up when a value is read, and when the schema is made."""

    def members(self) -> dict[str, type[LinkBase]]:
        """The kinds' models, by key."""
        return {kind.key: kind.model for kind in kinds()}

    def __get_pydantic_core_schema__(
        self, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        del source, handler
        return core_schema.no_info_plain_validator_function(_validated)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        del schema
        made = {
            kind.key: handler(_referred(kind.model.__pydantic_core_schema__)) for kind in kinds()
        }
        if len(made) == 1:
            return next(iter(made.values()))
        return {
            "discriminator": {
                "mapping": {key: item["$ref"] for key, item in made.items()},
                "propertyName": "kind",
            },
            "oneOf": list(made.values()),
        }


def _referred(schema: CoreSchema) -> CoreSchema:
    """The same as a definition and a reference to it, or the model would be written in place."""
    reference = schema.get("ref")
    if not isinstance(reference, str):
        return schema
    return core_schema.definitions_schema(
        core_schema.definition_reference_schema(reference), [schema]
    )


def _validated(value: Any) -> LinkBase:
    if isinstance(value, LinkBase):
        return value
    known = ", ".join(kind.key for kind in kinds())
    if not isinstance(value, dict):
        raise ValueError(f"write a mapping with from, to and kind ({known})")
    given = cast("dict[str, Any]", value)
    kind = given.get("kind", DEFAULT)
    if not isinstance(kind, str) or kind not in _kinds:
        raise ValueError(f"kind: write one of {known}")
    return _kinds[kind].model.model_validate(given)


Link = Annotated[LinkBase, _OneOf()]
"""Any kind of link."""
