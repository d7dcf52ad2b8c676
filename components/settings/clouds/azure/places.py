"""Azure's locations: those with availability zones, and those without."""

from __future__ import annotations

ZONAL_LOCATIONS: tuple[str, ...] = (
    *("australiaeast", "austriaeast", "belgiumcentral", "brazilsouth", "canadacentral"),
    *("centralindia", "centralus", "chilecentral", "chinanorth3", "eastasia", "eastus", "eastus2"),
    *("francecentral", "germanywestcentral", "indonesiacentral", "israelcentral", "italynorth"),
    *("japaneast", "japanwest", "koreacentral", "malaysiawest", "mexicocentral", "newzealandnorth"),
    *("northeurope", "norwayeast", "polandcentral", "qatarcentral", "southafricanorth"),
    *("southcentralus", "southeastasia", "spaincentral", "swedencentral", "switzerlandnorth"),
    *("uaenorth", "uksouth", "usgovvirginia", "westeurope", "westus2", "westus3"),
)

LOCATIONS_WITHOUT_ZONES: tuple[str, ...] = (
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


def owns(name: str) -> bool:
    """Whether a location is Azure's."""
    return name in ZONAL_LOCATIONS or name in LOCATIONS_WITHOUT_ZONES


def zonal(name: str) -> str:
    """`name` if the location has zones, which a majority of brokers needs."""
    if name in LOCATIONS_WITHOUT_ZONES:
        raise ValueError(
            f"'{name}' has no availability zones; choose one that has, such as westeurope"
        )
    return name
