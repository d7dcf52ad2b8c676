"""What Google Cloud refuses of a region's settings, told before it is asked: pure tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from components.settings.clouds.gcp.machines import machine
from components.settings.region_base import Finding

_NO_HYPERDISK_BALANCED = ("n1", "n2", "n2d", "e2", "c2", "c2d", "t2d", "t2a")
"""Series of earlier generations, whose Hyperdisks are of other kinds or none (Google, "About
Hyperdisk", machine type support)."""


def disk_findings(machine_type: str, disk: str) -> Iterator[Finding]:
    """A disk that never attaches to such a machine."""
    found = machine(machine_type)
    if found is None:
        return
    if found.hyperdisk_only and not disk.startswith("hyperdisk"):
        yield (
            "storage.type",
            f"{machine_type} takes Hyperdisks only, and {disk} would never attach; write "
            "hyperdisk-balanced",
        )
    if (
        disk == "hyperdisk-balanced"
        and machine_type.split("-", maxsplit=1)[0] in _NO_HYPERDISK_BALANCED
    ):
        yield (
            "storage.type",
            f"{machine_type} takes no hyperdisk-balanced; write pd-ssd, or a machine type such as "
            "c3-standard-4 or n4-standard-4",
        )


def zone_findings(region: str, chosen: Sequence[str]) -> Iterator[Finding]:
    """Zones that are no three zones of the region."""
    for number, zone in enumerate(chosen):
        if zone in chosen[:number]:
            yield f"zones[{number}]", f"{zone} stands in it twice, and three zones are wanted"
        elif zone[:-2] != region:
            yield f"zones[{number}]", f"{zone} is not of {region}; its zones are {region}-<letter>"
