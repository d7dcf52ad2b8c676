"""Users' names: each has a Secret of its own, and none is a certificate's or a host's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.settings import SettingsError, parse
from components.settings.links import user_of
from components.settings.users import secret_name
from tests.unit.settings.test_settings import dev

NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,12}", fullmatch=True)
SECRET = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")
"""A DNS subdomain, as Kubernetes wants names of Secrets (apimachinery, IsDNS1123Subdomain)."""


def with_users(users: dict[str, Any]) -> dict[str, Any]:
    values = dev()
    values["topology"]["users"] = users
    return values


@pytest.mark.parametrize(
    ("users", "said"),
    [
        (["a_b", "a-b"], "as that of 'a_b' is"),
        (["Orders", "orders"], "as that of 'Orders' is"),
        (["Admin"], "as that of 'admin' is"),
        (["admin"], "reserved"),
        (["guest"], "reserved"),
        (["link-x"], "reserved"),
        (["Link-x"], "reserved"),
        (["a."], "which Kubernetes refuses"),
        (["west.rabbit.lab"], "could log in as this user"),
        (["North.Rabbit.Lab"], "could log in as this user"),
        (["east"], "could log in as this user"),
    ],
)
def test_names_that_open_what_is_not_theirs_are_refused(users: list[str], said: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)):
        parse(with_users({name: {"role": "producer"} for name in users}), "dev")


@settings(max_examples=150, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=5, unique=True))
def test_secrets_are_unique_and_no_user_is_a_certificate(names: list[str]) -> None:
    """What the settings let through, whatever it is."""
    try:
        found = parse(with_users({name: {"role": "producer"} for name in names}), "dev")
    except SettingsError:
        return
    users = ["admin", "monitoring", *found.topology.users]
    secrets = [secret_name(user) for user in users]
    assert len(set(secrets)) == len(secrets)
    assert all(SECRET.match(secret) for secret in secrets)
    hosts = {f"{region}.{found.domain}" for region in found.regions} | {f"amqp.{found.domain}"}
    certificates = {user_of(link.pair, 1) for link in found.links} | hosts
    assert not {name.lower() for name in certificates} & {user.lower() for user in users}


def test_an_operator_has_no_limits_to_set() -> None:
    users = {"ops": {"role": "administrator", "limits": {"max_connections": 5}}}
    with pytest.raises(SettingsError, match=r"users\.ops.*limits"):
        parse(with_users(users), "dev")


def test_a_vhost_whose_limit_refuses_its_own_queues_is_told() -> None:
    values = dev()
    values["topology"]["vhosts"]["shop"]["limits"] = {"max_queues": 1}
    with pytest.raises(SettingsError, match=r"max_queues: 1 is less than the 2 queues"):
        parse(values, "dev")
