"""What a link of any kind is, as settings: its ends, its identity, and what it asks of the topology.

A kind's model adds its own keys and answers the questions below; the rules in `rules.py` ask them and
know no kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Self

from pydantic import Field, model_validator

from components.settings.topology import Vhost, VhostName
from components.settings.values import Label, Model


class LinkBase(Model):
    """A way of messages from one region to another, within one vhost.

    A kind's model sets `kind` to its own Literal.
    """

    kind: str
    from_: Label = Field(alias="from", description="Upstream region: where messages are published.")
    to: Label = Field(description="Downstream region: where they are published again.")
    vhost: VhostName = Field(
        default="/", description="The vhost, by the same name in both regions."
    )

    @model_validator(mode="after")
    def _two_regions(self) -> Self:
        if self.from_ == self.to:
            raise ValueError(f"from and to are both '{self.to}': a link joins two regions")
        return self

    @property
    def pair(self) -> str:
        """Upstream and downstream region. Links of one pair, of all kinds, share a certificate and a
        user, whose rights are those of all of them.

        A region's name has no dot, so no two pairs are called alike; a file and a Kubernetes key may
        have one.
        """
        return f"{self.from_}.{self.to}"

    @property
    def name(self) -> str:
        """Identity of the link: its pair, vhost and kind, none of which has a colon."""
        return f"{self.pair}:{self.vhost}:{self.kind}"

    def wrong(self, vhost: Vhost) -> Iterator[tuple[str, str]]:
        """What its own keys ask of the vhost and do not find: key and sentence."""
        del vhost
        return iter(())

    def carried(self, vhost: Vhost) -> Sequence[str]:
        """Declared exchanges that its user may read in the upstream region."""
        del vhost
        return ()

    def policed(self, vhost: Vhost) -> Sequence[str]:
        """Declared exchanges that get a policy of ours in the downstream region."""
        del vhost
        return ()

    def kept(self, vhost: Vhost) -> int:
        """How many queues it keeps in the upstream region."""
        del vhost
        return 0
