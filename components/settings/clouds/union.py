"""A region, or a zone, of any cloud that is registered: the key `cloud` tells which.

Not a union written down, which would have to name every cloud, but one that is looked up when a
value is read (and when the schema is made), so that a cloud is its own folder and its entry alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, cast

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from components.settings.clouds import registry
from components.settings.naming import NamingBase
from components.settings.region_base import RegionBase
from components.settings.values import Model


class _OneOf:
    """Validation and schema of a tagged union whose members are the registry's."""

    def members(self) -> Mapping[str, type[Model]]:
        raise NotImplementedError

    def __get_pydantic_core_schema__(
        self, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        del source, handler
        return core_schema.no_info_plain_validator_function(self._validated)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        del schema
        choices = {key: _referred_to(model) for key, model in self.members().items()}
        return handler(core_schema.tagged_union_schema(choices, discriminator="cloud"))

    def _validated(self, value: Any) -> Model:
        members = self.members()
        if isinstance(value, Model) and type(value) in members.values():
            return value
        if not isinstance(value, dict):
            raise ValueError(f"write a mapping with cloud: {' or '.join(members)}")
        given = cast("dict[str, Any]", value)
        cloud = given.get("cloud")
        if not isinstance(cloud, str) or cloud not in members:
            raise ValueError(f"cloud: write one of {', '.join(members)}")
        return members[cloud].model_validate(given)


def _referred_to(model: type[Model]) -> CoreSchema:
    """A model's schema with the name that makes it a definition of its own in a document."""
    named = {
        **model.__pydantic_core_schema__,
        "ref": f"{model.__module__}.{model.__qualname__}:{id(model)}",
    }
    return cast("CoreSchema", named)


class _Regions(_OneOf):
    def members(self) -> Mapping[str, type[Model]]:
        return {item.key: item.region for item in registry.entries()}


class _Zones(_OneOf):
    def members(self) -> Mapping[str, type[Model]]:
        return {item.key: item.naming for item in registry.entries() if item.naming is not None}


Region = Annotated[RegionBase, _Regions()]
"""Any region."""

Naming = Annotated[NamingBase, _Zones()]
"""Any zone. Leave `naming` out where another DNS serves the names."""
