"""Settings of a zone on Route 53."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from components.settings.clouds.aws.region import AwsAccount
from components.settings.naming import NamingBase

CHECKERS: tuple[str, ...] = (
    *("15.177.0.0/18", "54.183.255.128/26", "54.228.16.0/26", "54.232.40.64/26"),
    *("54.241.32.64/26", "54.243.31.192/26", "54.244.52.192/26", "54.245.168.0/26"),
    *("54.248.220.0/26", "54.250.253.192/26", "54.251.31.128/26", "54.252.79.128/26"),
    *("54.252.254.192/26", "54.255.254.192/26", "107.23.255.0/26", "176.34.159.192/26"),
    "177.71.207.128/26",
)
"""Route 53's health checkers, as AWS publishes them (ip-ranges.json, ROUTE53_HEALTHCHECKS)."""


class AwsNaming(NamingBase):
    """The zone is on Route 53; the global name is made of failover records with health checks."""

    cloud: Literal["aws"]  # pyright: ignore[reportIncompatibleVariableOverride] - frozen
    account: AwsAccount = Field(description="Account of the zone.")
    zone_id: str | None = Field(
        default=None, pattern=r"^Z[A-Z0-9]+$", description="Existing zone; made if left out."
    )

    def known_checkers(self) -> Sequence[str]:
        return CHECKERS
