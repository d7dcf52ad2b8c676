"""Settings of a region: where its Kubernetes cluster comes from."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from components.settings.clouds import AwsRegion, AzureRegion, GcpRegion
from components.settings.region_base import Advertise, RegionBase
from components.settings.values import Cidr, Label, Model

__all__ = [
    "Advertise",
    "AwsRegion",
    "AzureRegion",
    "ExistingRegion",
    "GcpRegion",
    "Region",
    "RegionBase",
    "RegionName",
    "StorageClass",
    "merged_broker",
]


class StorageClass(Model):
    """The storage class of the brokers' volumes."""

    name: str | None = Field(
        default=None,
        description="Name of an existing class; none means the cluster's default class.",
    )


class ExistingRegion(RegionBase):
    """A region on a Kubernetes cluster that is already there."""

    cloud: Literal["existing"]
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


def _known_cloud(value: Any) -> Any:
    if isinstance(value, dict) and value.get("cloud") not in _CLOUDS:  # pyright: ignore[reportUnknownMemberType]
        raise ValueError(f"cloud: write one of {', '.join(_CLOUDS)}")
    return value  # pyright: ignore[reportUnknownVariableType]


_CLOUDS = ("existing", "aws", "azure", "gcp")

Region = Annotated[
    Annotated[
        ExistingRegion | AwsRegion | AzureRegion | GcpRegion,
        Field(discriminator="cloud"),
    ],
    BeforeValidator(_known_cloud),
]
"""Any region; the key `cloud` tells which."""

RegionName = Label


def merged_broker(common: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """The common broker settings with a region's own laid over them, key by key."""
    result = dict(common)
    for key, value in own.items():
        base = result.get(key)
        if isinstance(base, dict) and isinstance(value, dict):
            result[key] = merged_broker(base, value)  # pyright: ignore[reportUnknownArgumentType]
        else:
            result[key] = value
    return result
