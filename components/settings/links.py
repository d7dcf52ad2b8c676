"""Settings of links between regions."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from components.settings.topology import VhostName
from components.settings.values import Duration, Label, Model, Regex, Seconds


class FederationLink(Model):
    """Exchange federation: what is published in `from` is published again in `to`.

    Runs in the downstream region (`to`), which dials the upstream (`from`) over AMQPS with a
    certificate of its own. Upstream keys whose defaults are wrong or disputed are all set by us
    (RabbitMQ, "Federation Reference").
    """

    kind: Literal["federation"] = "federation"
    from_: Label = Field(alias="from", description="Upstream region: where messages are published.")
    to: Label = Field(description="Downstream region: where they are published again.")
    vhost: VhostName = Field(
        default="/", description="The vhost, by the same name in both regions."
    )
    exchanges: Regex = Field(description="Which exchanges, as a regular expression on their names.")
    prefetch: Annotated[int, Field(ge=1, le=65535)] = Field(
        default=1000, description="Messages in flight; bounds the rate to prefetch / round trip."
    )
    ack_mode: Literal["on-confirm", "on-publish", "no-ack"] = Field(
        default="on-confirm", description="on-confirm alone loses nothing; the others are faster."
    )
    reconnect_delay: Seconds = Field(
        default="5s", description="Pause before a broken link is dialled again."
    )
    message_ttl: Duration | None = Field(
        default="24h",
        description="Age at which messages that a cut-off region has not fetched expire upstream; "
        "null keeps them until the disk alarm.",
    )
    max_hops: Annotated[int, Field(ge=1, le=16)] = Field(
        default=1, description="Regions that a message may cross; 1 stops loops of two-way links."
    )
    heartbeat: Annotated[int, Field(ge=5, le=600)] = Field(
        default=10, description="Seconds; how soon a silent WAN is noticed (twice this)."
    )

    @model_validator(mode="after")
    def _two_regions(self) -> Self:
        if self.from_ == self.to:
            raise ValueError(f"from and to are both '{self.to}': a link joins two regions")
        return self

    @property
    def pair(self) -> str:
        """Upstream and downstream region. Links of one pair share a certificate and a user."""
        return f"{self.from_}-{self.to}"

    @property
    def name(self) -> str:
        """Identity of the link: its pair and vhost."""
        return f"{self.pair}:{self.vhost}"

    @property
    def user(self) -> str:
        """The upstream's user that this link logs in as; its certificate's common name."""
        return f"link-{self.pair}"


Link = FederationLink
"""Any kind of link. A new kind is a model here and a module in `components/links/`."""
