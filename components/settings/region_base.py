"""What the settings of a region have in common, whichever cloud it is on, and what every region
answers about itself: the rest of the program asks these questions and never which cloud it is."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from components.settings.broker import Broker
from components.settings.everybody import EVERYWHERE, everybody
from components.settings.management import ManagementIngress
from components.settings.values import Model

AddressType = Literal["A", "AAAA", "CNAME"]
"""DNS record that leads to an address."""

Finding = tuple[str, str]
"""Path of a key below the region's (`nodes.per_zone`, `zones[1]`), and what is wrong with it."""


def loc(path: str) -> tuple[str | int, ...]:
    """A path as pydantic has it: `zones[1]` is ("zones", 1)."""
    return tuple(int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", path))


_DNS_NAME = re.compile(
    r"^(?=.{1,253}$)([A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?$"
)


def _host(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        if not _DNS_NAME.match(value) or value.rpartition(".")[2].isdigit():
            raise ValueError(
                f"'{value}' is neither an IP address nor a DNS name; write the name alone, without "
                "scheme, brackets or port (the port is advertise.port)"
            ) from None
        return value


class Advertise(Model):
    """Address under which other regions and clients reach the brokers, where no load balancer
    gives one."""

    host: Annotated[str, AfterValidator(_host)] = Field(
        description="IP address or DNS name, without scheme and port."
    )
    port: Annotated[int, Field(ge=1, le=65535)] = Field(default=5671, description="AMQPS port.")


ANYWHERE = "0.0.0.0/0"
AMQPS_PORT = 5671


class RegionBase(Model):
    """What regions on every cloud have in common."""

    cloud: str = Field(description="Says which kind this is; the other keys depend on it.")
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

    @model_validator(mode="after")
    def _nothing_found(self) -> Self:
        """Every finding becomes an error of its own, at its own key."""
        wrong = [
            InitErrorDetails(
                type=PydanticCustomError("finding", "{text}", {"text": text}),
                loc=loc(path),
                input=None,
            )
            for path, text in self.findings()
        ]
        if wrong:
            raise ValidationError.from_exception_data(type(self).__name__, wrong)
        return self

    def networks(self) -> Mapping[str, str]:
        """Ranges that no other region may use too, by the key that gives them."""
        return {}

    def inner_ranges(self) -> Mapping[str, str]:
        """Ranges that are seen inside this region's cluster only, by the key that gives them."""
        return {}

    def findings(self) -> Iterator[Finding]:
        """What the cloud would refuse, or could not carry, as far as one region's settings tell."""
        given = self.broker.service.allowed_sources
        if everybody(given) and not any(item in EVERYWHERE for item in given):
            yield (
                "broker.service.allowed_sources",
                "together these are everybody; write [0.0.0.0/0] if everybody is meant, so that "
                "it can be seen",
            )

    def address_type(self) -> AddressType | None:
        """What the cloud gives its load balancers: an address or a name; None where nobody knows."""
        return None

    def place(self) -> str | None:
        """The cloud's own name of where the region is."""
        return None

    def egress_count(self) -> int:
        """How many ranges the region's pods leave by; 0 where nobody knows them."""
        return 0

    def source_findings(self, ranges: int) -> Iterator[Finding]:
        """What is wrong with an entry that lets in so many ranges, the linked regions' among them."""
        del ranges
        yield from ()

    def kubernetes_version(self) -> str | None:
        """The Kubernetes minor version that the settings choose; None where others choose it."""
        return None

    @property
    def entry(self) -> tuple[str, int]:
        """Address range and port under which the other regions dial this one, as far as they are
        known beforehand: everywhere where the address is not, or is a name."""
        if self.advertise is None:
            return ANYWHERE, AMQPS_PORT
        try:
            return str(ipaddress.ip_network(self.advertise.host)), self.advertise.port
        except ValueError:
            return ANYWHERE, self.advertise.port
