"""A region more is one block of config: the plan then differs by that region and who must know
it."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from components.program import build
from components.settings import parse
from tests.support.recorder import Recorded, record
from tests.unit.clouds.stacks import values
from tests.unit.clouds.test_every_cloud import MODES

BLOCK: dict[str, Any] = {
    "cloud": "aws",
    "account": "123456789012",
    "region": "ap-southeast-1",
    "admins": ["arn:aws:iam::123456789012:role/warren-deploy"],
    "api": {"authorized": ["203.0.113.0/26"]},
    "network": {"cidr": "10.12.0.0/16"},
}
LINKS = [
    {"kind": "federation", "from": from_, "to": to, "vhost": "shop", "exchanges": "^orders$"}
    for from_, to in (("use1", "apse1"), ("apse1", "use1"))
]


@cache
def registered(preview: bool, *, added: bool, linked: bool = False) -> dict[str, Recorded]:
    stack = values("aws-two-regions")
    if added:
        stack["regions"] = {**stack["regions"], "apse1": BLOCK}
    if linked:
        stack["links"] = [*stack["links"], *LINKS]
    return record(lambda: build(parse(stack)), preview=preview).by_urn()


def changed(before: dict[str, Recorded], after: dict[str, Recorded]) -> dict[str, set[str]]:
    """Keys of inputs that differ, of what is in both."""
    differing: dict[str, set[str]] = {}
    for urn in before.keys() & after.keys():
        one, other = before[urn].inputs, after[urn].inputs
        keys = {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}
        if keys:
            differing[urn.split("::", 2)[2].split("$")[-1]] = keys
    return differing


def named_new(item: Recorded) -> bool:
    return "apse1" in item.name


@pytest.mark.parametrize("preview", MODES)
def test_a_block_alone_touches_nothing_that_is_there(preview: bool) -> None:
    before, after = registered(preview, added=False), registered(preview, added=True)
    new = [after[urn] for urn in after.keys() - before.keys()]
    assert before.keys() <= after.keys(), "something would be deleted"
    assert [item.urn for item in new if not named_new(item)] == []
    assert any(item.type == "aws:eks/cluster:Cluster" for item in new)
    assert changed(before, after) == {}


def test_its_links_change_the_other_end_alone() -> None:
    before = registered(False, added=False)
    after = registered(False, added=True, linked=True)
    assert before.keys() <= after.keys(), "something would be deleted"
    new = [after[urn] for urn in after.keys() - before.keys()]
    assert [item.urn for item in new if not named_new(item)] == []
    differing = changed(before, after)
    assert differing["kubernetes:core/v1:Service::use1-amqps"] == {"spec"}
    names = {urn.rsplit("::", 1)[1] for urn in differing}
    assert all(name.startswith("use1") for name in names), "Ireland is not linked to Singapore"
    kinds = {urn.split("::")[0] for urn in differing}
    assert all(kind.startswith("kubernetes:") for kind in kinds), "no cloud resource changes"
    assert "kubernetes:apps/v1:StatefulSet" not in kinds, "the primary's brokers would restart"


def test_the_other_ends_allowed_sources_gain_the_new_regions_addresses_alone() -> None:
    urn = next(
        urn
        for urn in registered(False, added=False)
        if urn.endswith("kubernetes:core/v1:Service::use1-amqps")
    )
    before = registered(False, added=False)[urn].inputs["spec"]
    after = registered(False, added=True, linked=True)[urn].inputs["spec"]
    gained = set(after["loadBalancerSourceRanges"]) - set(before["loadBalancerSourceRanges"])
    lost = set(before["loadBalancerSourceRanges"]) - set(after["loadBalancerSourceRanges"])
    assert len(gained) == 3
    assert lost == set()
    rest = {key: value for key, value in after.items() if key != "loadBalancerSourceRanges"}
    assert rest == {k: v for k, v in before.items() if k != "loadBalancerSourceRanges"}
