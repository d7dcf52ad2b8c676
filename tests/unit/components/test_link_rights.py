"""No right of a link matches a queue of the application, whatever topology and links there are."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from components.links import Estate, Upstream, definitions_for
from components.settings import Settings, SettingsError, parse

NAMES = st.one_of(
    st.sampled_from(["orders", "orders.work", "order", "audit", "federation", "warren-test-b"]),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,8}", fullmatch=True),
)
PATTERNS = st.sampled_from([".*", "^orders$", "orders", "^o", "work", "^(audit|orders)$", "[.]"])
REGIONS = ("a", "b", "c")


@st.composite
def stacks(draw: st.DrawFn) -> dict[str, Any]:
    vhosts = {
        name: {
            "exchanges": {key: {} for key in draw(st.sets(NAMES, min_size=1, max_size=4))},
            "queues": {key: {} for key in draw(st.sets(NAMES, max_size=4))},
        }
        for name in draw(st.sets(st.sampled_from(["v", "w"]), min_size=1))
    }
    ends = st.tuples(
        st.sampled_from(REGIONS), st.sampled_from(REGIONS), st.sampled_from(["v", "w"])
    )
    links = [
        {"from": from_, "to": to, "vhost": vhost, "exchanges": draw(PATTERNS)}
        for from_, to, vhost in sorted(draw(st.sets(ends, min_size=1, max_size=4)))
        if from_ != to
    ]
    broker = {"service": {"allowed_sources": ["10.0.0.0/8"]}}
    return {
        "domain": "rabbit.test",
        "broker": broker,
        "regions": {name: {"cloud": "existing", "context": name} for name in REGIONS},
        "links": links,
        "topology": {"vhosts": vhosts},
        "dr": {"primary": "a"},
    }


def accepted(values: dict[str, Any]) -> Settings | None:
    try:
        return parse(values)
    except SettingsError:
        return None


@given(stacks())
def test_no_right_of_a_link_matches_a_declared_queue(values: dict[str, Any]) -> None:
    settings = accepted(values)
    if settings is None:
        return
    upstreams = {name: Upstream("10.0.0.1", 5671, f"{name}.rabbit.test") for name in REGIONS}
    clusters = {name: f"warren-test-{name}" for name in REGIONS}
    for region in REGIONS:
        found = definitions_for(
            region,
            settings.links,
            Estate(settings.topology, upstreams, clusters, dict.fromkeys(REGIONS, 1)),
        )
        for permission in found.permissions:
            for queue in settings.topology.vhosts[permission["vhost"]].queues:
                for right in ("configure", "write", "read"):
                    assert not re.search(permission[right], queue), (permission, queue)


def test_the_rule_is_met_by_some_stacks_and_broken_by_others() -> None:
    """That the property above is of something."""
    values = {
        "domain": "rabbit.test",
        "broker": {"service": {"allowed_sources": ["10.0.0.0/8"]}},
        "regions": {name: {"cloud": "existing", "context": name} for name in REGIONS},
        "links": [{"from": "a", "to": "b", "vhost": "v", "exchanges": ".*"}],
        "topology": {"vhosts": {"v": {"exchanges": {"x": {}}, "queues": {"y": {}}}}},
        "dr": {"primary": "a"},
    }
    assert accepted(values) is not None
    values["topology"] = {"vhosts": {"v": {"exchanges": {"x": {}}, "queues": {"x": {}}}}}
    assert accepted(values) is None
