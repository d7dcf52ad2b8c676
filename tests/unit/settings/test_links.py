"""Links' settings: identities that can't meet, addresses that can be dialled, patterns that end."""

from __future__ import annotations

import itertools
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.settings import SettingsError, parse
from components.settings.links import FederationLink, file_of, user_of
from components.settings.links.rules import COMMON_NAME
from tests.unit.settings.test_settings import dev


def regions(*names: str, **link: Any) -> dict[str, Any]:
    """dev with a link from each region to the next."""
    values = dev()
    values["regions"] = {name: {"cloud": "existing", "context": name} for name in names}
    first = values["links"][0]
    values["links"] = [
        {**first, "from": from_, "to": to, **link} for from_, to in itertools.pairwise(names)
    ]
    values["dr"] = {"primary": names[0]}
    return values


LABELS = st.from_regex(r"[a-c-]{1,4}", fullmatch=True).map(lambda text: f"a{text}b")


@given(st.lists(st.tuples(LABELS, LABELS, st.integers(1, 12)), min_size=2, unique=True))
def test_no_two_pairs_or_generations_share_a_user_or_a_file(
    pairs: list[tuple[str, str, int]],
) -> None:
    links = [
        FederationLink.model_construct(from_=from_, to=to, kind="federation")
        for from_, to, _ in pairs
    ]
    generations = [generation for _, _, generation in pairs]
    for name in (user_of, file_of):
        made = [name(link.pair, number) for link, number in zip(links, generations, strict=True)]
        assert len(set(made)) == len(pairs)


def test_regions_with_dashes_are_not_taken_for_each_other() -> None:
    values = regions("a-b", "c")
    values["regions"] |= {name: {"cloud": "existing", "context": name} for name in ("a", "b-c")}
    values["links"].append({**values["links"][0], "from": "a", "to": "b-c"})
    links = parse(values).links
    assert len({link.pair for link in links}) == len({link.name for link in links}) == 2


def test_no_declared_user_can_have_a_links_name() -> None:
    values = dev()
    values["topology"]["users"] = {user_of("east.west", 1): {"role": "producer"}}
    with pytest.raises(SettingsError, match=r"topology\.users"):
        parse(values)


def test_a_certificates_name_that_is_too_long_is_refused_with_a_remedy() -> None:
    one, other = "a" * 28, "b" * 28
    assert len(user_of(f"{one}.{other}", 1)) == COMMON_NAME
    parse(regions(one, other))
    values = regions(one, f"{other}b")
    with pytest.raises(SettingsError, match=r"links\[0\]: .* 65 characters.*shorter names"):
        parse(values)
    values = regions(one, other)
    values["tls"] = {"link_generations": {other: 10}}
    with pytest.raises(SettingsError, match=r"links\[0\]: .* 65 characters"):
        parse(values)


@pytest.mark.parametrize(
    ("key", "value", "remedy"),
    [
        ("message_ttl", "0s", "lose every message"),
        ("message_ttl", "50d", "up to 49d"),
        ("reconnect_delay", "0s", "without a pause"),
        ("max_backlog", "0", "greater than zero"),
    ],
)
def test_values_that_lose_messages_or_storm_are_refused(key: str, value: str, remedy: str) -> None:
    with pytest.raises(SettingsError, match=rf"links\[0\]\.{key}: .*{remedy}"):
        parse(regions("east", "west", **{key: value}))


@pytest.mark.parametrize(
    "host",
    [
        "",
        " ",
        "https://mq.example.com",
        "mq.example.com:5671",
        "[2001:db8::1]",
        "a b",
        "10.0.0.0/8",
        "1.2.3",
    ],
)
def test_an_advertised_host_is_an_address_or_a_name(host: str) -> None:
    values = regions("east", "west")
    values["regions"]["east"]["advertise"] = {"host": host}
    with pytest.raises(SettingsError, match=r"regions\.east.*advertise\.host: .*without scheme"):
        parse(values)


@pytest.mark.parametrize(
    ("host", "port", "entry"),
    [
        ("192.0.2.7", 443, ("192.0.2.7/32", 443)),
        ("2001:db8::1", 5671, ("2001:db8::1/128", 5671)),
        ("mq.example.com", 5671, ("0.0.0.0/0", 5671)),
    ],
)
def test_a_region_with_a_fixed_address_is_dialled_there_alone(
    host: str, port: int, entry: tuple[str, int]
) -> None:
    values = regions("east", "west")
    assert parse(values).regions["east"].entry == ("0.0.0.0/0", 5671)
    values["regions"]["east"]["advertise"] = {"host": host, "port": port}
    assert parse(values).regions["east"].entry == entry


@pytest.mark.parametrize("kind", ["NodePort", "ClusterIP"])
def test_a_linked_region_that_no_other_cluster_can_dial_is_refused(kind: str) -> None:
    values = regions("east", "west")
    values["regions"]["east"]["broker"] = {"service": {"type": kind}}
    with pytest.raises(SettingsError, match=rf"regions\.east\.advertise: missing.*{kind}"):
        parse(values)
    values["regions"]["east"]["advertise"] = {"host": "192.0.2.1", "port": 30671}
    parse(values)
    # Nobody dials the downstream region.
    values = regions("east", "west")
    values["regions"]["west"]["broker"] = {"service": {"type": kind}}
    parse(values)


def test_a_generation_of_a_region_that_no_link_runs_to_is_refused() -> None:
    values = dev()
    values["tls"] = {"link_generations": {"west": 2}}
    parse(values)
    values["tls"] = {"link_generations": {"east": 2}}
    with pytest.raises(SettingsError, match=r"tls\.link_generations\.east: no link.*west"):
        parse(values)


SLOW = "^(a|aa)+$"


@pytest.mark.parametrize("where", ["link", "policy"])
def test_a_pattern_that_would_never_end_is_refused_in_seconds(where: str) -> None:
    values = dev()
    vhost = values["topology"]["vhosts"]["shop"]
    name = "a" * 80 + "b"
    if where == "link":
        vhost["exchanges"][name] = {}
        values["links"][0]["exchanges"] = f"orders|{SLOW}"
    else:
        vhost["queues"][name] = {}
        vhost["policies"] = {"p": {"pattern": SLOW, "definition": {"max-length": 1}}}
    began = time.monotonic()
    with pytest.raises(SettingsError, match="repetition within a repetition"):
        parse(values)
    assert time.monotonic() - began < 30
