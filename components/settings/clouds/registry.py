"""The clouds that there are: one entry each, and everything that tells clouds apart asks here.

An entry names the cloud's models and facts, and the module of components that builds it, as text:
settings know no Pulumi, and a provider's SDK is imported only when a region uses its cloud.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from components.settings.naming import NamingBase
from components.settings.region_base import RegionBase

Holds = Literal["messages", "cluster", "key", "names", "group"]
"""What is lost with a resource: messages, the cluster that they are in, the key that opens them, the
names that lead to them, or a group with all of these in it."""


@dataclass(frozen=True)
class Machine:
    """What a machine type's name tells.

    Attributes:
        cores: vCPUs; None where the name does not tell.
        gib: memory; None where the name does not tell.
        arm: whether its processor is an Arm one.
    """

    cores: int | None = None
    gib: float | None = None
    arm: bool = False


@dataclass(frozen=True)
class CloudFacts:
    """One cloud.

    Attributes:
        key: value of a region's `cloud`.
        title: its name in a sentence.
        region: model of a region on it.
        component: module with `build_region` and, if there is `naming`, `build_names`
            (`components.clouds.contract.CloudModule`).
        naming: model of a DNS zone on it; None where it hosts none.
        owns_place: whether a region or location is this cloud's.
        example_place: one that is.
        machine: what a machine type's name tells; None for a name that is not this cloud's.
        example_machine: one that is.
        holding: Pulumi types whose loss loses messages, or makes them unreadable or unreachable, and
            what they hold.
    """

    key: str
    title: str
    region: type[RegionBase]
    component: str
    naming: type[NamingBase] | None = None
    owns_place: Callable[[str], bool] = lambda _: False
    example_place: str = ""
    machine: Callable[[str], Machine | None] = lambda _: None
    example_machine: str = ""
    holding: Mapping[str, Holds] = field(default_factory=dict[str, Holds])


_entries: dict[str, CloudFacts] = {}


def register(facts: CloudFacts) -> None:
    """Adds a cloud.

    Raises:
        ValueError: one of that key is there already.
    """
    if facts.key in _entries:
        raise ValueError(f"cloud '{facts.key}' is registered already")
    _entries[facts.key] = facts


@contextmanager
def registered(facts: CloudFacts) -> Generator[None]:
    """A cloud that there is for a time only."""
    register(facts)
    try:
        yield
    finally:
        del _entries[facts.key]


def entries() -> tuple[CloudFacts, ...]:
    """Every cloud, in the order in which they are told."""
    return tuple(_entries.values())


def facts(key: str) -> CloudFacts:
    """The entry of a cloud.

    Raises:
        KeyError: there is no such cloud.
    """
    return _entries[key]


_KUBERNETES: Mapping[str, Holds] = {
    "kubernetes:apps/v1:StatefulSet": "messages",
    "kubernetes:core/v1:PersistentVolumeClaim": "messages",
}


def holding() -> Mapping[str, Holds]:
    """Every Pulumi type whose loss loses messages, or makes them unreadable or unreachable."""
    found = dict(_KUBERNETES)
    for item in entries():
        found.update(item.holding)
    return found


def owner_of_place(name: str) -> str | None:
    """Which cloud a region or location belongs to; None when nobody's."""
    return next((item.key for item in entries() if item.owns_place(name)), None)


def owner_of_machine(name: str) -> str | None:
    """Which cloud a machine type's name is formed like; None when nobody's."""
    return next((item.key for item in entries() if item.machine(name) is not None), None)


def capacity(name: str) -> tuple[int, float] | None:
    """Cores and GiB of a machine type, from its name; None where the name does not tell."""
    for item in entries():
        found = item.machine(name)
        if found is not None and found.cores is not None and found.gib is not None:
            return found.cores, found.gib
    return None


def check_place(name: str, key: str) -> str:
    """`name` if it is a place of cloud `key`, else an error that says what it is."""
    own, owner = facts(key), owner_of_place(name)
    if owner == key:
        return name
    if owner is not None:
        raise ValueError(
            f"'{name}' is a region of {facts(owner).title}, not of {own.title}; "
            f"write cloud: {owner}, or choose one such as {own.example_place}"
        )
    raise ValueError(f"{own.title} has no region '{name}'; write for example {own.example_place}")


def check_machine(name: str, key: str) -> str:
    """`name` if it is formed like a machine type of `key`, else an error that says what it is."""
    own, owner = facts(key), owner_of_machine(name)
    if owner == key:
        return name
    if owner is not None:
        raise ValueError(
            f"'{name}' is a machine type of {facts(owner).title}, not of {own.title}; "
            f"write for example {own.example_machine}"
        )
    raise ValueError(
        f"{own.title} has no machine type '{name}'; write for example {own.example_machine}"
    )
