"""Annotated types that the clouds' settings share: address ranges and identifiers."""

from __future__ import annotations

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from components.settings.values import Ipv4Cidr


def _not_everyone(value: str) -> str:
    if ipaddress.ip_network(value).prefixlen < 8:
        raise ValueError(
            f"'{value}' opens the Kubernetes API to the Internet; give the ranges of your "
            "operators and runners"
        )
    return value


def _private(value: str) -> str:
    network = ipaddress.ip_network(value)
    if not network.is_private and not network.subnet_of(ipaddress.ip_network("100.64.0.0/10")):  # type: ignore[arg-type]
        raise ValueError(
            f"'{value}' is not a private range; take one of 10.0.0.0/8, 172.16.0.0/12, "
            "192.168.0.0/16"
        )
    return value


def _block(value: str) -> str:
    if not 16 <= ipaddress.ip_network(value).prefixlen <= 20:
        raise ValueError(
            f"'{value}' is not between /16 and /20: a region needs room for three zones of "
            "nodes and pods"
        )
    return value


PrivateCidr = Annotated[Ipv4Cidr, AfterValidator(_private)]
Block = Annotated[PrivateCidr, AfterValidator(_block)]
AuthorizedCidr = Annotated[Ipv4Cidr, AfterValidator(_not_everyone)]

Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
