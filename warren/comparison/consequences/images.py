"""Consequences of another RabbitMQ image: which way the version goes.

Sources: https://www.rabbitmq.com/docs/rolling-upgrade ("Rolling upgrades don't support skipping versions,
except patch releases"; flags have to be enabled before), https://www.rabbitmq.com/docs/feature-flags (a
flag once enabled stays; a node that does not know it refuses to start).
"""

from __future__ import annotations

import re

from warren.comparison.consequences.model import Consequence

RESTART = "The brokers restart one by one; clients reconnect."

JOINS_NOT = (
    "Nodes with the old CA and with the new one don't join one another, so a rolling restart stops at its "
    "first broker: all brokers of the region have to be stopped, and started, at once (docs/security.md)."
)


def another_image(old: str, new: str) -> Consequence:
    """What follows from brokers that run `new` in the place of `old`."""
    was, now = version(old), version(new)
    change = f"{old} -> {new}"
    if was is None or now is None:
        return Consequence(
            f"Another image, {change}: the names don't say which way RabbitMQ's version goes, and it "
            f"can't go back. Make sure that it is no older one. {RESTART}",
            loses=True,
        )
    if _below(now, was):
        return Consequence(
            f"RabbitMQ goes back, {change}: a downgrade is not supported. Nodes of the older version "
            "don't read what the newer one has written, or refuse to start: the brokers stand still. "
            "Go on with the newer version; an older one takes a region of its own.",
            loses=True,
        )
    if (was[0], was[1] + 1) < now[:2] and not (was[:2] == (3, 13) and now[:2] == (4, 0)):
        return Consequence(
            f"RabbitMQ skips a series, {change}: a rolling upgrade goes from one series to the next. "
            f"Go through {was[0]}.{was[1] + 1} first, its feature flags enabled.",
            loses=True,
        )
    if now[:2] != was[:2]:
        return Consequence(
            f"RabbitMQ is upgraded, {change}: enable every feature flag before "
            f"(rabbitmqctl enable_feature_flag all), there is no way back. {RESTART}"
        )
    return Consequence(f"Another image, {change}. {RESTART}")


def version(image: str) -> tuple[int, ...] | None:
    """The version in an image's tag; None where it names none, or no tag."""
    tag = image.partition("@")[0].rpartition("/")[2].partition(":")[2]
    found = re.match(r"v?(\d+)\.(\d+)(?:\.(\d+))?", tag)
    return None if found is None else tuple(int(part) for part in found.groups() if part)


def _below(now: tuple[int, ...], was: tuple[int, ...]) -> bool:
    """Whether a version is older, as far as both say: 4.3 may be any patch release."""
    length = min(len(now), len(was))
    return now[:length] < was[:length]
