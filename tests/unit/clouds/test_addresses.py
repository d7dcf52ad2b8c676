"""The address plans: nothing overlaps, everything is inside, and deployed layouts do not move."""

from __future__ import annotations

import dataclasses
import ipaddress
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.clouds.addresses import host, regional_plan, zonal_plan


@st.composite
def blocks(draw: st.DrawFn) -> str:
    prefix = draw(st.integers(min_value=16, max_value=20))
    number = draw(st.integers(min_value=0, max_value=2 ** (prefix - 8) - 1))
    return str(ipaddress.ip_network((10 * 2**24 + number * 2 ** (32 - prefix), prefix)))


def networks(plan: object) -> list[ipaddress.IPv4Network]:
    assert dataclasses.is_dataclass(plan)
    found: list[ipaddress.IPv4Network] = []
    for field in dataclasses.fields(plan):
        value = getattr(plan, field.name)
        items = value if isinstance(value, tuple) else (value,)
        found += [ipaddress.IPv4Network(item) for item in items]
    return found


@given(blocks(), st.sampled_from([zonal_plan, regional_plan]))
def test_parts_are_inside_and_apart(block: str, plan: object) -> None:
    assert callable(plan)
    parts = networks(plan(block))
    whole = ipaddress.IPv4Network(block)
    assert all(part.subnet_of(whole) for part in parts)
    assert not any(one.overlaps(other) for one, other in combinations(parts, 2))


@given(blocks())
def test_zonal_plan_has_three_equal_zones(block: str) -> None:
    plan = zonal_plan(block)
    size = ipaddress.IPv4Network(block).num_addresses
    assert [ipaddress.IPv4Network(part).num_addresses for part in plan.private] == [size // 4] * 3
    assert [ipaddress.IPv4Network(part).num_addresses for part in plan.public] == [size // 32] * 3


@given(blocks())
def test_regional_plan_has_room_for_pods_and_a_control_plane(block: str) -> None:
    plan = regional_plan(block)
    # 64 pods a node take a /25, so that even a /20 carries 16 nodes.
    assert ipaddress.IPv4Network(plan.pods).num_addresses // 128 >= 16
    assert ipaddress.IPv4Network(plan.control_plane).prefixlen == 28


def test_layout_of_known_blocks_does_not_move() -> None:
    """These ranges are in deployed subnets: another layout would replace all of them."""
    plan = zonal_plan("10.10.0.0/16")
    assert plan.private == ("10.10.0.0/18", "10.10.64.0/18", "10.10.128.0/18")
    assert plan.public == ("10.10.192.0/21", "10.10.200.0/21", "10.10.208.0/21")
    regional = regional_plan("10.30.0.0/16")
    assert regional.pods == "10.30.0.0/17"
    assert regional.services == "10.30.128.0/20"
    assert regional.nodes == "10.30.192.0/19"
    assert regional.control_plane == "10.30.255.240/28"


@pytest.mark.parametrize(("cidr", "number", "address"), [("172.20.0.0/16", 10, "172.20.0.10")])
def test_host(cidr: str, number: int, address: str) -> None:
    assert host(cidr, number) == address
