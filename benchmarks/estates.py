"""Stack files of any number of regions on the three clouds, made from the production stack's."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any, cast

import yaml

ROOT = Path(__file__).parent.parent

PLACES: dict[str, tuple[str, ...]] = {
    "aws": (
        *("us-east-1", "us-west-2", "eu-west-1", "eu-central-1"),
        *("ap-south-1", "ap-southeast-1", "ca-central-1", "sa-east-1"),
    ),
    "azure": (
        *("westeurope", "northeurope", "eastus", "westus2"),
        *("uksouth", "francecentral", "japaneast", "southeastasia"),
    ),
    "gcp": (
        *("asia-northeast1", "us-east1", "us-central1", "us-west1"),
        *("europe-west1", "europe-west3", "europe-north1", "asia-south1"),
    ),
}
MOST = 3 * len(PLACES["aws"])


def config(regions: int) -> dict[str, Any]:
    """The `config` of a stack of so many regions: groups of three, one on each cloud.

    Each group is linked as production's three regions are; the first region of each further group is
    linked with the primary, both ways. So links grow as regions do, and each region lets in few others.

    Args:
        regions: a multiple of three, up to `MOST`.
    """
    if regions % 3 or not 3 <= regions <= MOST:
        raise ValueError(f"{regions} is no multiple of three from 3 to {MOST}")
    text = (ROOT / "Pulumi.prod.yaml").read_text("utf-8")
    result = cast("dict[str, Any]", yaml.safe_load(text)["config"])
    given: dict[str, Any] = result["warren:regions"]
    patterns: list[dict[str, Any]] = result["warren:links"]
    primary = str(result["warren:dr"]["primary"])
    made: dict[str, Any] = {}
    links: list[dict[str, Any]] = []
    for group in range(regions // 3):
        names = {name: f"{name}{group}" if group else name for name in given}
        for number, (name, spec) in enumerate(given.items()):
            region = deepcopy(spec)
            place = "location" if region["cloud"] == "azure" else "region"
            region[place] = PLACES[region["cloud"]][group]
            region["network"]["cidr"] = f"10.{10 + 3 * group + number}.0.0/16"
            if region["cloud"] == "aws":
                # The primary lets in every group's ranges: more than the account's first quota.
                region["network"]["security_group_rules"] = 500
            made[names[name]] = region
        own = [{**link, "from": names[link["from"]], "to": names[link["to"]]} for link in patterns]
        links += own
        if group:
            pair = (primary, names[primary])
            links += [{**own[0], "from": a, "to": b} for a, b in (pair, pair[::-1])]
    result["warren:regions"], result["warren:links"] = made, links
    result["warren:dr"]["standby"] = [name for name in made if name != primary]
    return result


def write(directory: Path, regions: int) -> str:
    """Writes a project with such a stack, whose program is this repository's.

    Returns:
        The stack's name.
    """
    (directory / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text("utf-8"), "utf-8")
    (directory / "__main__.py").write_text((ROOT / "__main__.py").read_text("utf-8"), "utf-8")
    stack = f"of{regions}"
    content = yaml.safe_dump({"config": config(regions)}, sort_keys=False)
    (directory / f"Pulumi.{stack}.yaml").write_text(content, "utf-8")
    return stack
