"""Settings of a zone on Azure DNS."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from components.settings.clouds.values import Uuid
from components.settings.naming import NamingBase, asked_for


class AzureNaming(NamingBase):
    """The zone is on Azure DNS; the global name is a Traffic Manager profile with priorities."""

    cloud: Literal["azure"]  # pyright: ignore[reportIncompatibleVariableOverride] - frozen
    subscription: Uuid = Field(description="Subscription of the zone.")
    tenant: Uuid = Field(description="Entra tenant of the subscription.")
    location: str = Field(
        default="westeurope", description="Location of the resource group, when it is made."
    )
    resource_group: str | None = Field(
        default=None,
        description="Group of an existing zone named like the domain; both are made if left out.",
    )

    @model_validator(mode="after")
    def _checkers(self) -> Self:
        return asked_for(self, "Traffic Manager's probes (service tag AzureTrafficManager)")
