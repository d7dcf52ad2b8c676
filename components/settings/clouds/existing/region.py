"""Settings of a region on a Kubernetes cluster that is already there."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from components.settings.region_base import RegionBase
from components.settings.values import Cidr, Model


class StorageClass(Model):
    """The storage class of the brokers' volumes."""

    name: str | None = Field(
        default=None,
        description="Name of an existing class; none means the cluster's default class.",
    )


class ExistingRegion(RegionBase):
    """A region on a Kubernetes cluster that is already there."""

    cloud: Literal["existing"]  # pyright: ignore[reportIncompatibleVariableOverride] - frozen
    context: str = Field(
        min_length=1, description="Context in the kubeconfig; never the current one."
    )
    kubeconfig: str | None = Field(
        default=None,
        description="Path, relative to the project; the user's own kubeconfig by default.",
    )
    storage_class: StorageClass = Field(default_factory=StorageClass, description="Broker volumes.")
    egress: list[Cidr] = Field(
        default_factory=list,
        description="Address ranges that this cluster's pods leave by; the other regions let "
        "them in.",
    )

    def egress_count(self) -> int:
        return len(self.egress)
