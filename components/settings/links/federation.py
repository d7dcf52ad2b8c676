"""Settings of exchange federation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from components.settings.links.base import LinkBase
from components.settings.patterns import matches
from components.settings.topology import Vhost
from components.settings.values import Bytes, Duration, Regex, Seconds, duration_ms

MAX_TTL_MS = 4_294_967_295
"""RabbitMQ's longest message-ttl, 49.7 days (`rabbit_misc`, MAX_EXPIRY_TIMER)."""


def _ttl(value: str) -> str:
    if not 0 < duration_ms(value) <= MAX_TTL_MS:
        raise ValueError(
            f"'{value}' would lose every message or is more than RabbitMQ takes; write a duration over "
            "0 and up to 49d, or null for none"
        )
    return value


def _pause(value: str) -> str:
    if duration_ms(value) == 0:
        raise ValueError(f"'{value}' would dial a region that is down without a pause; write 5s")
    return value


class FederationLink(LinkBase):
    """Exchange federation: what is published in `from` is published again in `to`.

    Runs in the downstream region (`to`), which dials the upstream (`from`) over AMQPS with a
    certificate of its own. Upstream keys whose defaults are wrong or disputed are all set by us
    (RabbitMQ, "Federation Reference").
    """

    kind: Literal["federation"] = "federation"  # pyright: ignore[reportIncompatibleVariableOverride]
    exchanges: Regex = Field(
        description="Which exchanges, as a regular expression on their names. No queue may have the "
        "name of one of them."
    )
    prefetch: Annotated[int, Field(ge=1, le=65535)] = Field(
        default=1000, description="Messages in flight; bounds the rate to prefetch / round trip."
    )
    ack_mode: Literal["on-confirm", "on-publish", "no-ack"] = Field(
        default="on-confirm", description="on-confirm alone loses nothing; the others are faster."
    )
    reconnect_delay: Annotated[Seconds, AfterValidator(_pause)] = Field(
        default="5s", description="Pause before a broken link is dialled again."
    )
    message_ttl: Annotated[Duration, AfterValidator(_ttl)] | None = Field(
        default="24h",
        description="Age at which messages that a cut-off region has not fetched expire upstream; "
        "null keeps them until the disk alarm.",
    )
    max_backlog: Bytes | None = Field(
        default=None,
        description="Bytes of messages that the upstream region keeps for a cut-off downstream, for "
        "each exchange; beyond them the oldest are dropped, so that the publishers' disk does not "
        "fill. By default an eighth of the room on its brokers' volumes, less with more than four such "
        "queues.",
    )
    max_hops: Annotated[int, Field(ge=1, le=16)] = Field(
        default=1, description="Regions that a message may cross; 1 stops loops of two-way links."
    )
    heartbeat: Annotated[int, Field(ge=5, le=600)] = Field(
        default=10, description="Seconds; how soon a silent WAN is noticed (twice this)."
    )

    @property
    def name(self) -> str:
        """Pair and vhost; the first kind that there was has no more in its name."""
        return f"{self.pair}:{self.vhost}"

    def wrong(self, vhost: Vhost) -> Iterator[tuple[str, str]]:
        """Its pattern has to match, and what can be federated."""
        matched = self.carried(vhost)
        if not matched:
            exchanges = ", ".join(sorted(vhost.exchanges)) or "none"
            yield (
                "exchanges",
                f"'{self.exchanges}' matches no exchange of vhost '{self.vhost}' "
                f"(declared: {exchanges})",
            )
        for name in matched:
            if vhost.exchanges[name].internal:
                yield "exchanges", f"'{name}' is internal and can't be federated"

    def carried(self, vhost: Vhost) -> Sequence[str]:
        """The declared exchanges that it federates."""
        return sorted(name for name in vhost.exchanges if matches(self.exchanges, name))

    def policed(self, vhost: Vhost) -> Sequence[str]:
        """Each gets the policy that federates it."""
        return self.carried(vhost)

    def kept(self, vhost: Vhost) -> int:
        """One queue for each exchange."""
        return len(self.carried(vhost))
