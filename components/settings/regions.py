"""Settings of a region: where its Kubernetes cluster comes from."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from components.settings.broker import Broker
from components.settings.values import Cidr, Label, Model


class StorageClass(Model):
    """The storage class of the brokers' volumes."""

    name: str | None = Field(
        None,
        description="Name of an existing class; none means the cluster's default class.",
    )


class Advertise(Model):
    """Address under which other regions and clients reach the brokers, where no load balancer gives one."""

    host: str = Field(description="IP address or DNS name.")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(5671, description="AMQPS port.")


class RegionBase(Model):
    """What regions on every cloud have in common."""

    broker: Broker = Field(
        default_factory=Broker.model_construct,
        description="The region's brokers; merged over warren:broker.",
    )
    advertise: Advertise | None = Field(
        None, description="Overrides the load balancer's address (NodePort, own proxies)."
    )


class ExistingRegion(RegionBase):
    """A region on a Kubernetes cluster that is already there."""

    cloud: Literal["existing"] = "existing"
    context: str = Field(min_length=1, description="Context in the kubeconfig; never the current one.")
    kubeconfig: str | None = Field(
        None,
        description="Path, relative to the project; the user's own kubeconfig by default.",
    )
    storage_class: StorageClass = Field(default_factory=StorageClass, description="Broker volumes.")
    egress: list[Cidr] = Field(
        default_factory=list,
        description="Address ranges that this cluster's pods leave by; the other regions let them in.",
    )


Region = ExistingRegion
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
