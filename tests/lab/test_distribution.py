"""Erlang distribution is open to the brokers of a region alone: neither a link's certificate, nor a
server's, nor another region's joins it, with the cookie and all."""

from __future__ import annotations

import re

import pytest

from tests.lab.kube import cluster, run_in_broker
from tests.lab.messaging import Estate
from warren.live.kubernetes import ObjectRef

pytestmark = pytest.mark.lab

LIST_USERS = """
d=$(mktemp -d); trap 'rm -rf "$d"' EXIT
echo {certificate} | base64 -d > "$d/crt"
echo {key} | base64 -d > "$d/key"
o="{{certfile,\\"$d/crt\\"}},{{keyfile,\\"$d/key\\"}},{{verify,verify_none}}"
echo "[{{server,[$o]}},{{client,[$o]}}]." > "$d/tls.config"
export RABBITMQ_CTL_ERL_ARGS="-proto_dist inet_tls -ssl_dist_optfile $d/tls.config"
rabbitmqctl --quiet list_users
echo "exit code $?"
"""
"""rabbitmqctl in a broker's container, so with the region's cookie, by a certificate of ours. It takes
every server for the right one: what is refused is refused by the broker."""


def _by(estate: Estate, region: str, secret: str) -> tuple[int, str]:
    """Exit code and output of `list_users` at west, by the certificate in a Secret of `region`."""
    ref = ObjectRef("v1", "Secret", estate.outputs["namespace"], f"rabbitmq-{secret}")
    held = cluster(estate, region).get(ref)
    assert held is not None, ref
    data = held["data"]
    # A link's file has the link's name and its identity's generation.
    name = "tls" if secret != "links" else min(file[:-4] for file in data if file.endswith(".key"))
    script = LIST_USERS.format(certificate=data[f"{name}.crt"], key=data[f"{name}.key"])
    text = run_in_broker(estate, "west", "sh", "-c", script)
    code = re.search(r"exit code (\d+)", text)
    assert code is not None, text
    return int(code[1]), text


def test_the_tools_of_a_broker_reach_it(estate: Estate) -> None:
    """As they are set up in its container, which is how an operator runs them."""
    for region in ("east", "west"):
        assert "admin" in run_in_broker(estate, region, "rabbitmqctl", "--quiet", "list_users")


def test_the_regions_own_certificate_joins(estate: Estate) -> None:
    """Else the refusals below would prove nothing."""
    code, text = _by(estate, "west", "distribution")
    assert code == 0, text
    assert "admin" in text


@pytest.mark.parametrize(
    ("region", "secret"),
    [
        pytest.param("west", "links", id="a link's"),
        pytest.param("west", "tls", id="a server's"),
        pytest.param("east", "tls", id="a server's of another region"),
        pytest.param("east", "distribution", id="another region's"),
    ],
)
def test_no_other_certificate_joins(estate: Estate, region: str, secret: str) -> None:
    code, text = _by(estate, region, secret)
    assert code != 0, text
    assert "admin" not in text
    assert "Erlang distribution failed" in text, "refused for another reason"
