"""AWS' regions, zones and partitions; a test compares the regions with the SDK's enum."""

from __future__ import annotations

REGIONS: tuple[str, ...] = (
    *("af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
    *("ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3"),
    *("ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7"),
    *("ca-central-1", "ca-west-1", "cn-north-1", "cn-northwest-1", "eu-central-1", "eu-central-2"),
    *("eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("eusc-de-east-1", "il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1"),
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "us-gov-east-1", "us-gov-west-1"),
)

_DIRECTIONS = {
    "north": "n",
    "northeast": "ne",
    "northwest": "nw",
    "south": "s",
    "southeast": "se",
    "southwest": "sw",
    "east": "e",
    "west": "w",
    "central": "c",
    "gov": "g",
}
WITHOUT_CONTROL_PLANES = ("use1-az3", "usw1-az2", "cac1-az3")
"""Zones that EKS takes no subnets of a cluster in (EKS, "Network requirements for VPC and subnets")."""

_ZONES = {
    # EKS control planes are not offered in use1-az3 and cac1-az3; apne1-az3 is closed to new
    # accounts.
    "us-east-1": ("1", "2", "4"),
    "ca-central-1": ("1", "2", "4"),
    "ap-northeast-1": ("1", "2", "4"),
}


def zones(region: str) -> tuple[str, ...]:
    """Three zone identifiers of an AWS region (`use1-az1`), where EKS control planes are offered.

    Identifiers, since the letters of zone names mean other places in other accounts.
    """
    *place, number = region.split("-")
    short = place[0] + "".join(_DIRECTIONS.get(part, part) for part in place[1:]) + number
    return tuple(f"{short}-az{zone}" for zone in _ZONES.get(region, ("1", "2", "3")))


def partition(region: str) -> str:
    """The partition that ARNs of a region carry."""
    if region.startswith("cn-"):
        return "aws-cn"
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws-eusc" if region.startswith("eusc-") else "aws"
