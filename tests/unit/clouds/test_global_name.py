"""The server's certificate carries the global name, whatever it is called."""

from __future__ import annotations

import pytest

from components.program import build
from components.settings import parse
from tests.support.recorder import record
from tests.unit.clouds.regions import region, values


@pytest.mark.parametrize(
    ("naming", "name"),
    [
        (None, "amqp.mq.test"),
        ({"cloud": "aws", "account": "123456789012"}, "amqp.mq.test"),
        ({"cloud": "aws", "account": "123456789012", "record": "mq"}, "mq.mq.test"),
    ],
)
def test_certificate_carries_the_global_name(naming: dict[str, str] | None, name: str) -> None:
    stack = values({"here": region("existing")}, naming=naming)
    requests = record(lambda: build(parse(stack))).of("tls:index/certRequest:CertRequest")
    server = [item for item in requests if "here.mq.test" in item.inputs.get("dnsNames", [])]
    assert len(server) == 1
    assert name in server[0].inputs["dnsNames"]
    if name != "amqp.mq.test":
        assert "amqp.mq.test" not in server[0].inputs["dnsNames"]
