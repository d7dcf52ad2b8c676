"""Rules on regions as a whole: who is primary and standby, and that each has a cluster of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from components.settings.keys import similar
from components.settings.region_base import RegionBase


class Roles(Protocol):
    """What `dr` says."""

    @property
    def primary(self) -> str:
        """The region that takes writes."""
        ...

    @property
    def standby(self) -> Sequence[str]:
        """Those that may be promoted."""
        ...


def wrong_roles(dr: Roles, regions: Collection[str]) -> Iterator[str]:
    """Roles of regions that are not there, or two roles of one, as sentences with the key's path."""
    known = ", ".join(sorted(regions))
    if dr.primary not in regions:
        yield (
            f"dr.primary: no region '{dr.primary}' (declared: {known})"
            f"{similar(dr.primary, list(regions))}"
        )
    for number, name in enumerate(dr.standby):
        here = f"dr.standby[{number}]"
        if name not in regions:
            yield f"{here}: no region '{name}' (declared: {known}){similar(name, list(regions))}"
        elif name == dr.primary:
            yield f"{here}: '{name}' is the primary already"
        elif name in dr.standby[:number]:
            yield f"{here}: '{name}' stands in it twice"


def shared_clusters(regions: Mapping[str, RegionBase]) -> Iterator[str]:
    """Regions with one Kubernetes context: each would write over the other's brokers."""
    seen: dict[tuple[str, str | None], str] = {}
    for name, region in regions.items():
        context = getattr(region, "context", None)
        if context is None:
            continue
        cluster = (str(context), getattr(region, "kubeconfig", None))
        if cluster in seen:
            yield (
                f"regions.{name}.context: region '{seen[cluster]}' has '{context}' already, and both "
                "would write the same brokers; give each region a cluster of its own"
            )
        seen.setdefault(cluster, name)
