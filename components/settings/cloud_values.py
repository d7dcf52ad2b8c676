"""Annotated types of the clouds' settings: address ranges, places, machine types, identities."""

from __future__ import annotations

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from components.settings.places import check_machine, check_place
from components.settings.values import Cidr


def _ipv4(value: str) -> str:
    if ipaddress.ip_network(value).version != 4:
        raise ValueError(f"'{value}' is not an IPv4 range")
    return value


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


Ipv4Cidr = Annotated[Cidr, AfterValidator(_ipv4)]
PrivateCidr = Annotated[Ipv4Cidr, AfterValidator(_private)]
Block = Annotated[PrivateCidr, AfterValidator(_block)]
AuthorizedCidr = Annotated[Ipv4Cidr, AfterValidator(_not_everyone)]

AwsRegionName = Annotated[str, AfterValidator(lambda value: check_place(value, "aws"))]
AzureLocation = Annotated[str, AfterValidator(lambda value: check_place(value, "azure"))]
GcpRegionName = Annotated[str, AfterValidator(lambda value: check_place(value, "gcp"))]
AwsMachine = Annotated[str, AfterValidator(lambda value: check_machine(value, "aws"))]
AzureMachine = Annotated[str, AfterValidator(lambda value: check_machine(value, "azure"))]
GcpMachine = Annotated[str, AfterValidator(lambda value: check_machine(value, "gcp"))]

Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
AwsAccount = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
AwsPrincipal = Annotated[
    str, StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::\d{12}:(role|user)/[\w+=,.@/-]+$")
]
GcpProject = Annotated[str, StringConstraints(pattern=r"^[a-z][-a-z0-9]{4,28}[a-z0-9]$")]
GcpProjectNumber = Annotated[str, StringConstraints(pattern=r"^\d{6,20}$")]
