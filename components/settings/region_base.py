"""What the settings of a region have in common, whichever cloud it is on."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from components.settings.broker import Broker
from components.settings.management import ManagementIngress
from components.settings.values import Model


class Advertise(Model):
    """Address under which other regions and clients reach the brokers, where no load balancer
    gives one."""

    host: str = Field(description="IP address or DNS name.")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(default=5671, description="AMQPS port.")


class RegionBase(Model):
    """What regions on every cloud have in common."""

    broker: Broker = Field(
        default_factory=Broker.model_construct,
        description="The region's brokers; merged over warren:broker.",
    )
    protect: bool = Field(
        default=False,
        description="Refuse to delete what holds messages, and the keys to them. Turn it off by an "
        "`up` of its own before a region is taken down.",
    )
    advertise: Advertise | None = Field(
        default=None, description="Overrides the load balancer's address (NodePort, own proxies)."
    )
    management: ManagementIngress | None = Field(
        default=None,
        description="An ingress for RabbitMQ's management page; without it the page is reached by "
        "port-forward alone.",
    )
