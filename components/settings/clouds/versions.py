"""Kubernetes' minor versions on a cloud: from its oldest one that is supported to a little beyond the
newest that was known here.

Support never comes back, so what is older is refused for good. What is newer comes by itself three
times a year: two more are taken unseen, and the cloud has the last word on them.
"""

from __future__ import annotations

from collections.abc import Iterator

from components.settings.region_base import Finding

AHEAD = 2


def version_findings(service: str, version: str, oldest: str, newest: str) -> Iterator[Finding]:
    """Whether a managed Kubernetes has the version."""
    major, minor = _numbers(version)
    least, most = _numbers(oldest), _numbers(newest)
    if not least <= (major, minor) <= (most[0], most[1] + AHEAD):
        yield "kubernetes", f"{service} has no {version}; write {oldest} to {newest}"


def _numbers(version: str) -> tuple[int, int]:
    major, _, minor = version.partition(".")
    return int(major), int(minor)


def twice(key: str, items: list[str]) -> Iterator[Finding]:
    """Items of a list that stand in it before already."""
    for number, item in enumerate(items):
        if item in items[:number]:
            yield f"{key}[{number}]", f"{item} stands in it twice; take one out"
