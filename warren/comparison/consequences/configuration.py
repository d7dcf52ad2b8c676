"""Consequences of changed rabbitmq.conf and plugins: what opens, what stops.

Source of the keys: https://www.rabbitmq.com/docs/configure, /docs/ssl, /docs/memory, /docs/disk-alarms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from warren.comparison.consequences.images import JOINS_NOT
from warren.comparison.consequences.model import Change, Consequence

Judge = Callable[[str, str], str]
"""Old and new value, "" where there is none; gives what is dangerous about it, "" for nothing."""


def configuration(change: Change) -> Iterator[Consequence]:
    """The rule for a ConfigMap with a broker's files."""
    if change.kind not in ("changed", "replaced"):
        return
    old, new = ((side.get("data") or {}) for side in (change.old, change.new))
    before, after = (_keys(str(side.get("rabbitmq.conf", ""))) for side in (old, new))
    for key in sorted({*before, *after}):
        was, now = before.get(key, ""), after.get(key, "")
        for pattern, judge in _RULES.items():
            if was != now and re.fullmatch(pattern, key) and (text := judge(was, now)):
                yield Consequence(f"{key} {was or 'none'} -> {now or 'none'}: {text}", loses=True)
    was, now = _distribution_ca(old), _distribution_ca(new)
    if was and now and was != now:
        yield Consequence(
            f"Erlang distribution trusts {now} instead of {was}. {JOINS_NOT}", loses=True
        )
    gone = _plugins(old) - _plugins(new)
    if gone:
        yield Consequence(
            f"Plugins go: {', '.join(sorted(gone))}. What is made of them (links, exchange types, ways "
            "to log in) stops at the brokers' restart.",
            loses=True,
        )


def _keys(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key.strip(): value.strip() for key, _, value in pairs}


def _distribution_ca(data: Mapping[str, object]) -> str:
    """The file that nodes verify one another by; "" where it is not said."""
    found = re.search(r'cacertfile,"([^"]+)"', str(data.get("inter_node_tls.config", "")))
    return found[1] if found else ""


def _plugins(data: Mapping[str, object]) -> set[str]:
    return set(re.findall(r"rabbitmq_\w+", str(data.get("enabled_plugins", ""))))


def _becomes(value: str, text: str) -> Judge:
    return lambda _was, now: text if now == value else ""


def _leaves(value: str, text: str) -> Judge:
    """It was the value, or not said where that is the default."""
    return lambda was, now: text if was in ("", value) and now not in ("", value) else ""


def _less(text: str) -> Judge:
    return lambda was, now: text if _whole(now) is not None and _smaller(now, was) else ""


def _smaller(now: str, was: str) -> bool:
    first, second = _whole(now), _whole(was)
    return first is not None and second is not None and first < second


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d+", text) else None


_RULES: Mapping[str, Judge] = {
    r"listeners\.tcp(\..*)?": lambda _was, now: (
        "" if now in ("", "none") else "brokers take AMQP without TLS."
    ),
    r"(management|stream|mqtt|stomp)\.(tcp|listeners\.tcp)\..*": lambda was, now: (
        "a port without TLS is opened." if now and not was else ""
    ),
    r".*ssl_options\.verify|ssl_options\.verify": _becomes(
        "verify_none", "certificates of the other side are not verified any more."
    ),
    r"(.*\.)?ssl_options\.fail_if_no_peer_cert": _becomes(
        "false", "who shows no certificate is let in as well."
    ),
    r"(.*\.)?ssl_options\.versions\..*": lambda _was, now: (
        "this version of TLS is broken." if now in ("tlsv1", "tlsv1.1") else ""
    ),
    r"loopback_users(\..*)?": _becomes("none", "guest may log in from everywhere."),
    r"anonymous_login_user": _leaves("none", "who gives no name is logged in as this user."),
    r"auth_mechanisms\..*": _becomes("ANONYMOUS", "nobody has to log in."),
    r"cluster_partition_handling": _becomes(
        "ignore", "the two halves of a split cluster go on apart, and differ."
    ),
    r"cluster_name": lambda was, now: (
        "links and copies know the cluster by its name: they begin anew." if was and now else ""
    ),
    r"max_message_size": _less("larger messages close their publisher's channel."),
    r"consumer_timeout": _less("consumers that take longer to acknowledge lose their channel."),
    r"channel_max|connection_max": _less("clients that open more are refused."),
    r"total_memory_available_override_value": _less(
        "the memory alarm comes sooner, and stops all publishers."
    ),
    r"disk_free_limit\.absolute": _less(
        "the disk alarm comes later: a full disk stops the broker, and may damage what is on it."
    ),
}
