"""Where the clouds are: names of their regions, zones and machine families, and whose name is
whose.

The clouds' own lists change a few times a year; a test compares the AWS ones with the SDK's enums.
A place that is missing here is added in one line.
"""

from __future__ import annotations

import re

AWS_REGIONS: tuple[str, ...] = (
    *("af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
    *("ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3"),
    *("ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7"),
    *("ca-central-1", "ca-west-1", "cn-north-1", "cn-northwest-1", "eu-central-1", "eu-central-2"),
    *("eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("eusc-de-east-1", "il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1"),
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "us-gov-east-1", "us-gov-west-1"),
)

AZURE_ZONAL_LOCATIONS: tuple[str, ...] = (
    *("australiaeast", "austriaeast", "belgiumcentral", "brazilsouth", "canadacentral"),
    *("centralindia", "centralus", "chilecentral", "chinanorth3", "eastasia", "eastus", "eastus2"),
    *("francecentral", "germanywestcentral", "indonesiacentral", "israelcentral", "italynorth"),
    *("japaneast", "japanwest", "koreacentral", "malaysiawest", "mexicocentral", "newzealandnorth"),
    *("northeurope", "norwayeast", "polandcentral", "qatarcentral", "southafricanorth"),
    *("southcentralus", "southeastasia", "spaincentral", "swedencentral", "switzerlandnorth"),
    *("uaenorth", "uksouth", "usgovvirginia", "westeurope", "westus2", "westus3"),
)

AZURE_LOCATIONS_WITHOUT_ZONES: tuple[str, ...] = (
    *(
        "australiacentral",
        "australiacentral2",
        "australiasoutheast",
        "brazilsoutheast",
        "canadaeast",
    ),
    *("chinaeast", "chinaeast2", "chinaeast3", "chinanorth", "chinanorth2", "francesouth"),
    *(
        "germanynorth",
        "jioindiacentral",
        "jioindiawest",
        "koreasouth",
        "northcentralus",
        "norwaywest",
    ),
    *("southafricawest", "southindia", "swedensouth", "switzerlandwest", "uaecentral", "ukwest"),
    *("usgovarizona", "usgovtexas", "westcentralus", "westindia", "westus"),
)

GCP_REGIONS: tuple[str, ...] = (
    *("africa-south1", "asia-east1", "asia-east2", "asia-northeast1", "asia-northeast2"),
    *("asia-northeast3", "asia-south1", "asia-south2", "asia-southeast1", "asia-southeast2"),
    *("asia-southeast3", "australia-southeast1", "australia-southeast2", "europe-central2"),
    *("europe-north1", "europe-north2", "europe-southwest1", "europe-west1", "europe-west2"),
    *("europe-west3", "europe-west4", "europe-west6", "europe-west8", "europe-west9"),
    *("europe-west10", "europe-west12", "me-central1", "me-central2", "me-west1"),
    *("northamerica-northeast1", "northamerica-northeast2", "northamerica-south1"),
    *(
        "southamerica-east1",
        "southamerica-west1",
        "us-central1",
        "us-east1",
        "us-east4",
        "us-east5",
    ),
    *("us-south1", "us-west1", "us-west2", "us-west3", "us-west4"),
)

AWS_FAMILIES: tuple[str, ...] = (
    *("c5", "c5a", "c5ad", "c5d", "c5n", "c6a", "c6g", "c6gd", "c6gn", "c6i", "c6id", "c6in"),
    *("c7a", "c7g", "c7gd", "c7gn", "c7i", "c7i-flex", "c8a", "c8g", "c8gb", "c8gd", "c8gn", "c8i"),
    *("c8i-flex", "c8ib", "c8id", "c8in", "c8ine", "c9g", "c9gd"),
    *("i3", "i3en", "i4g", "i4i", "i7i", "i7ie", "i8g", "i8ge"),
    *("m5", "m5a", "m5ad", "m5d", "m5dn", "m5n", "m5zn", "m6a", "m6g", "m6gd", "m6i", "m6id"),
    *("m6idn", "m6in", "m7a", "m7g", "m7gd", "m7i", "m7i-flex", "m8a", "m8azn", "m8g", "m8gb"),
    *("m8gd", "m8gn", "m8i", "m8i-flex", "m8ib", "m8id", "m8idb", "m8idn", "m8in", "m8ine"),
    *("m9g", "m9gd"),
    *("r5", "r5a", "r5ad", "r5b", "r5d", "r5dn", "r5n", "r6a", "r6g", "r6gd", "r6i", "r6id"),
    *("r6idn", "r6in", "r7a", "r7g", "r7gd", "r7i", "r7iz", "r8a", "r8g", "r8gb", "r8gd", "r8gn"),
    *("r8i", "r8i-flex", "r8ib", "r8id", "r8idb", "r8idn", "r8in"),
    *("t3", "t3a", "t4g", "x2gd", "x2idn", "x2iedn", "x2iezn", "x8g", "x8i", "z1d"),
)
"""Families with Nitro, from large upwards: what EKS' AMIs and encrypted volumes need."""

GCP_FAMILIES: tuple[str, ...] = (
    *("c2", "c2d", "c3", "c3d", "c4", "c4a", "c4d", "e2", "h3", "m1", "m2", "m3", "n1", "n2"),
    *("n2d", "n4", "n4a", "n4d", "t2a", "t2d", "z3"),
)

_AWS_MACHINE = re.compile(
    r"^(?P<family>[a-z]+\d[a-z]*(?:-flex)?)\.(?:(?:\d+)?x?large|metal(?:-\d+xl)?)$"
)
_AZURE_MACHINE = re.compile(r"^Standard_[DEFL]\d+(?:-\d+)?[a-z]*(?:_v[2-9])?$")
_GCP_MACHINE = re.compile(
    r"^(?P<family>[a-z]\d[a-z]?)-(?:standard|highmem|highcpu|custom|medium|micro|small|ultramem|megamem)"
    r"(?:-\d+){0,2}(?:-lssd|-ext)?$"
)

_CLOUD_NAMES = {"aws": "AWS", "azure": "Azure", "gcp": "Google Cloud"}
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
_AWS_ZONES = {
    # EKS control planes are not offered in use1-az3 and cac1-az3; apne1-az3 is closed to new
    # accounts.
    "us-east-1": ("1", "2", "4"),
    "ca-central-1": ("1", "2", "4"),
    "ap-northeast-1": ("1", "2", "4"),
}
_GCP_ZONES = {"us-east1": ("b", "c", "d"), "europe-west1": ("b", "c", "d")}


def owner_of_place(name: str) -> str | None:
    """Which cloud a region or location belongs to: `aws`, `azure`, `gcp`, or None when nobody's."""
    if name in AWS_REGIONS:
        return "aws"
    if name in AZURE_ZONAL_LOCATIONS or name in AZURE_LOCATIONS_WITHOUT_ZONES:
        return "azure"
    return "gcp" if name in GCP_REGIONS else None


def owner_of_machine(name: str) -> str | None:
    """Which cloud a machine type's name is formed like: `aws`, `azure`, `gcp` or None."""
    if _AZURE_MACHINE.match(name):
        return "azure"
    aws, gcp = _AWS_MACHINE.match(name), _GCP_MACHINE.match(name)
    if aws and aws["family"] in AWS_FAMILIES:
        return "aws"
    return "gcp" if gcp and gcp["family"] in GCP_FAMILIES else None


def check_place(name: str, cloud: str) -> str:
    """`name` if it is a place of `cloud`, else an error that says what it is."""
    owner = owner_of_place(name)
    if owner != cloud:
        if owner is not None:
            raise ValueError(
                f"'{name}' is a region of {_CLOUD_NAMES[owner]}, not of {_CLOUD_NAMES[cloud]}; "
                f"write cloud: {owner}, or choose one such as {_EXAMPLES[cloud]}"
            )
        raise ValueError(
            f"{_CLOUD_NAMES[cloud]} has no region '{name}'; write for example {_EXAMPLES[cloud]}"
        )
    if name in AZURE_LOCATIONS_WITHOUT_ZONES:
        raise ValueError(
            f"'{name}' has no availability zones; choose one that has, such as westeurope"
        )
    return name


def check_machine(name: str, cloud: str) -> str:
    """`name` if it is formed like a machine type of `cloud`, else an error that says what it is."""
    owner = owner_of_machine(name)
    if owner == cloud:
        return name
    if owner is not None:
        raise ValueError(
            f"'{name}' is a machine type of {_CLOUD_NAMES[owner]}, not of {_CLOUD_NAMES[cloud]}; "
            f"write for example {_MACHINES[cloud]}"
        )
    raise ValueError(
        f"{_CLOUD_NAMES[cloud]} has no machine type '{name}'; write for example {_MACHINES[cloud]}"
    )


def aws_zones(region: str) -> tuple[str, ...]:
    """Three zone identifiers of an AWS region (`use1-az1`), where EKS control planes are offered.

    Identifiers, since the letters of zone names mean other places in other accounts.
    """
    *place, number = region.split("-")
    short = place[0] + "".join(_DIRECTIONS.get(part, part) for part in place[1:]) + number
    return tuple(f"{short}-az{zone}" for zone in _AWS_ZONES.get(region, ("1", "2", "3")))


def gcp_zones(region: str) -> tuple[str, ...]:
    """Three zones of a Google Cloud region."""
    return tuple(f"{region}-{letter}" for letter in _GCP_ZONES.get(region, ("a", "b", "c")))


def aws_partition(region: str) -> str:
    """The partition that ARNs of a region carry."""
    if region.startswith("cn-"):
        return "aws-cn"
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws-eusc" if region.startswith("eusc-") else "aws"


_EXAMPLES = {"aws": "us-east-1", "azure": "westeurope", "gcp": "asia-northeast1"}
_MACHINES = {"aws": "m7i.xlarge", "azure": "Standard_D4s_v5", "gcp": "n2-standard-4"}
