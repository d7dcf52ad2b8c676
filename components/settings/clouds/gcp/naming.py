"""Settings of a zone on Cloud DNS."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from components.settings.clouds.gcp.region import GcpProject, GcpRegionName
from components.settings.naming import NamingBase, asked_for
from components.settings.region_base import AddressType


class GcpNaming(NamingBase):
    """The zone is on Cloud DNS; the global name is a primary/backup routing policy."""

    cloud: Literal["gcp"]  # pyright: ignore[reportIncompatibleVariableOverride] - frozen
    project: GcpProject = Field(description="Project of the zone.")
    zone: str | None = Field(
        default=None,
        pattern=r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$",
        description="Existing managed zone; made if left out.",
    )
    source_regions: Annotated[list[GcpRegionName], Field(min_length=3, max_length=3)] = Field(
        default_factory=lambda: ["us-central1", "europe-west1", "asia-east1"],
        description="Where the checkers stand; Cloud DNS wants three regions.",
    )

    @model_validator(mode="after")
    def _checkers(self) -> Self:
        return asked_for(self, "Cloud DNS' external checkers (Google publishes them)")

    @model_validator(mode="after")
    def _interval(self) -> Self:
        if self.health_check.interval != 30:
            raise ValueError(
                "health_check.interval: checks of outside addresses run every 30 seconds at "
                "most; write 30"
            )
        return self

    def cannot_follow(self, address: AddressType | None) -> str | None:
        """Cloud DNS checks addresses only, never host names."""
        if address != "CNAME":
            return None
        return (
            "Cloud DNS checks the health of addresses only, and region '{region}' is reached by a "
            "host name; put the zone on aws or azure"
        )
