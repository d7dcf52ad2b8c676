"""What settings know of the made-up cloud."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from components.settings.clouds import registry
from components.settings.clouds.base import CloudRegion
from components.settings.clouds.registry import CloudFacts, Machine
from components.settings.clouds.values import Block
from components.settings.naming import NamingBase
from components.settings.region_base import AddressType, Finding


class MadeUpRegion(CloudRegion):
    """A region on the made-up cloud."""

    cloud: Literal["made-up"]  # pyright: ignore[reportIncompatibleVariableOverride] - frozen
    island: Annotated[str, AfterValidator(lambda value: registry.check_place(value, "made-up"))] = (
        Field(description="Where.")
    )
    boat: Annotated[str, AfterValidator(lambda value: registry.check_machine(value, "made-up"))] = (
        Field(default="boat-4", description="Machine type.")
    )
    sea: Block = Field(default="10.60.0.0/16", description="Network.")

    def findings(self) -> Iterator[Finding]:
        yield from super().findings()
        if self.island == "atlantis":
            yield "island", "atlantis sank; choose another"

    def machines(self) -> tuple[str, int]:
        return self.boat, 1

    def networks(self) -> Mapping[str, str]:
        return {"sea": self.sea}

    def egress_count(self) -> int:
        return 1

    def address_type(self) -> AddressType:
        return "AAAA"

    def place(self) -> str:
        return self.island


class MadeUpNaming(NamingBase):
    """A zone on the made-up cloud."""

    cloud: Literal["made-up"]  # pyright: ignore[reportIncompatibleVariableOverride] - frozen


def _machine(name: str) -> Machine | None:
    match = re.fullmatch(r"boat-(\d)", name)
    return Machine(cores=int(match[1]), gib=4.0 * int(match[1])) if match else None


FACTS = CloudFacts(
    key="made-up",
    title="the made-up cloud",
    region=MadeUpRegion,
    component="tests.unit.clouds.made_up.component",
    naming=MadeUpNaming,
    owns_place={"utopia", "laputa", "atlantis"}.__contains__,
    example_place="utopia",
    machine=_machine,
    example_machine="boat-4",
    holding={"made-up:sea:Harbour": "cluster"},
)
