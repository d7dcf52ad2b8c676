"""References of container images."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

_HOST = r"(?:[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?(?::[0-9]{1,5})?/)?"
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
IMAGE = re.compile(
    rf"^{_HOST}{_PART}(?:/{_PART})*(?::(?P<tag>[A-Za-z0-9_][-A-Za-z0-9_.]{{0,127}}))?"
    r"(?:@sha256:[0-9a-f]{64})?$"
)
"""The grammar of references (distribution/reference, `reference.go`)."""

_SERIES = re.compile(r"^v?([0-9]{1,3})\.([0-9]{1,3})(?![0-9])")


def _image(value: str) -> str:
    if len(value) > 400 or IMAGE.fullmatch(value) is None:
        raise ValueError(
            f"'{value[:60]}' names no container image; write for example rabbitmq:4.3.5-management, "
            "or with a registry and a digest: registry.example.com/rabbitmq@sha256:..."
        )
    return value


Image = Annotated[str, AfterValidator(_image)]
"""A reference such as `registry.example.com/library/rabbitmq:4.3.5-management`."""


def series_of(image: str) -> str | None:
    """RabbitMQ's release series as the tag says it, None where it says none."""
    found = IMAGE.fullmatch(image)
    series = _SERIES.match(found["tag"] or "") if found else None
    return f"{series[1]}.{series[2]}" if series else None
