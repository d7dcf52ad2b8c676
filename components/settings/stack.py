"""The whole of a stack's settings, and the rules that span more than one part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from components.settings.broker import Broker
from components.settings.clouds.union import Naming, Region
from components.settings.limits import crowded
from components.settings.links import Link, LinkBase
from components.settings.links.rules import unreachable, wrong_links
from components.settings.naming import checker_ranges, taken_name, unfollowable
from components.settings.problems import refuse
from components.settings.ranges import open_entry, overlap, too_many_sources
from components.settings.regions import RegionName
from components.settings.roles import shared_clusters, wrong_roles
from components.settings.topology import Topology, too_new, vhost_limits
from components.settings.users import impersonating
from components.settings.values import DnsName, Duration, Label, Model, duration_ms


class Dr(Model):
    """Roles of the regions. A failover is a change of this and `up`."""

    primary: RegionName = Field(description="The region that takes the applications' writes.")
    standby: list[RegionName] = Field(
        default_factory=list, description="Regions that may be promoted."
    )
    epoch: Annotated[int, Field(ge=1, le=1_000_000_000)] = Field(
        default=1,
        description="Raised by one at every promotion; the highest epoch's primary is the real one.",
    )


class Tls(Model):
    """Lifetimes of the certificates of the stack's own CA."""

    ca_validity: Duration = Field(default="3650d", description="Lifetime of the CA certificate.")
    certificate_validity: Duration = Field(
        default="365d", description="Lifetime of servers' certificates."
    )
    link_validity: Duration = Field(
        default="180d",
        description="Lifetime of links' certificates: their keys lie in another region, and none can "
        "be called back but by its generation.",
    )
    link_generations: dict[RegionName, Annotated[int, Field(ge=1, le=9999)]] = Field(
        default_factory=dict,
        description="Generation of the keys of the links that run to a region, 1 where it is not "
        "named. Raised by one when that region's keys may have leaked: the next `up` makes new keys "
        "and users, and the old ones are refused.",
    )
    renew_before: Duration = Field(
        default="90d",
        description="`up` renews a certificate that expires within this span; brokers keep running.",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        refuse(self._disorder())
        return self

    def _disorder(self) -> Iterator[str]:
        ca, before = duration_ms(self.ca_validity), duration_ms(self.renew_before)
        if ca < _SHORTEST:
            yield f"ca_validity: {self.ca_validity} is no lifetime; write 1h or more"
        # Each certificate's lifetime by its key, the links' own included where there is one.
        for key in ("certificate_validity", "link_validity"):
            text = getattr(self, key, None)
            if text is None:
                continue
            validity = duration_ms(text)
            if validity < _SHORTEST:
                yield f"{key}: {text} is no lifetime; write 1h or more"
            elif validity > ca:
                yield (
                    f"{key}: {text} is longer than ca_validity ({self.ca_validity}), and a "
                    "certificate is worth nothing without its CA; shorten it"
                )
            elif before >= validity:
                yield (
                    f"renew_before: {self.renew_before} is not less than {key} ({text}), so that every "
                    "`up` would renew; write less"
                )
        if before < _SHORTEST:
            yield f"renew_before: {self.renew_before} is too short to be met by an `up`; write 1h or more"


_SHORTEST = 3_600_000
"""An hour: the TLS provider counts in hours."""


class Lab(Model):
    """The lab on this machine that `warren up` starts for the stack. Ignored by `pulumi up`."""

    regions: list[Label] = Field(
        min_length=1, description="Regions to start; contexts are lab-<region>."
    )
    rabbitmq: list[Literal["4.3", "4.0"]] = Field(
        default_factory=lambda: ["4.3"],
        min_length=1,
        description="Series whose images are built, as lab.local/rabbitmq:<series>.",
    )
    round_trip: Duration | None = Field(
        default=None, description="Round trip time between any two regions."
    )


class Settings(Model):
    """Everything under the `warren:` keys of a stack file."""

    domain: DnsName = Field(
        description="Regions are <region>.<domain>; certificates carry these names."
    )
    namespace: Label = Field(
        default="rabbitmq", description="Kubernetes namespace of the brokers, in each cluster."
    )
    production: bool = Field(
        default=False,
        description="Whether people depend on it. Rules are stricter then: images name a patch "
        "release, queues are replicated, what holds messages can't be deleted by a change. A "
        "stack's name says nothing.",
    )
    regions: dict[RegionName, Region] = Field(min_length=1, description="By name.")
    links: list[Link] = Field(default_factory=list[LinkBase], description="Links between regions.")
    topology: Topology = Field(default_factory=Topology, description="Alike in all regions.")
    dr: Dr = Field(description="Roles.")
    tls: Tls = Field(default_factory=Tls, description="Certificates.")
    broker: Broker = Field(
        default_factory=Broker, description="Defaults of every region's brokers."
    )
    naming: Naming | None = Field(default=None, description="Public DNS zone; none by default.")
    lab: Lab | None = Field(
        default=None, description="The lab's regions, for stacks that live on it."
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        """All rules between keys, so that all that is wrong is told in one run."""
        refuse(
            [
                *self._namespace_is_ours(),
                *wrong_roles(self.dr, self.regions),
                *shared_clusters(self.regions),
                *wrong_links(self.links, self.regions, self.topology, self.tls.link_generations),
                *unreachable(self.links, self.regions),
                *self._users_and_limits(),
                *self._clouds(),
                *self._lab(),
                *too_new(self.topology, self.regions),
            ]
        )
        return self

    def _namespace_is_ours(self) -> Iterator[str]:
        """All traffic is refused in it and Pod Security restricted there, which would stop others' pods."""
        others = {
            region.management.controller_namespace: f"regions.{name}.management.controller_namespace"
            for name, region in self.regions.items()
            if region.management is not None
        }
        if self.namespace == "default" or self.namespace.startswith("kube-"):
            yield (
                f"namespace: '{self.namespace}' holds what is not the brokers', and all traffic that "
                "they don't need is refused there; give them one of their own, such as rabbitmq"
            )
        if self.namespace in others:
            yield (
                f"namespace: '{self.namespace}' is that of {others[self.namespace]}, whose traffic "
                "would be refused; give the brokers one of their own, such as rabbitmq"
            )

    def _users_and_limits(self) -> Iterator[str]:
        vhosts = self.topology.vhosts
        carried: dict[tuple[str, str], int] = {}
        for link in self.links:
            if link.vhost not in vhosts:
                continue
            key = (link.from_, link.vhost)
            carried[key] = carried.get(key, 0) + link.kept(vhosts[link.vhost])
        for problem in (
            impersonating(self.topology.users, self.domain, self.regions),
            crowded(
                {name: vhost_limits(self.topology, name).max_queues for name in vhosts},
                {name: len(vhost.queues) for name, vhost in vhosts.items()},
                carried,
            ),
        ):
            if problem is not None:
                yield problem

    def _clouds(self) -> Iterator[str]:
        roles = [name for name in (self.dr.primary, *self.dr.standby) if name in self.regions]
        pairs = [
            (link.from_, link.to)
            for link in self.links
            if {link.from_, link.to} <= set(self.regions)
        ]
        checkers = len(checker_ranges(self.naming))
        for problem in (
            overlap(self.regions),
            unfollowable(self.naming, self.regions, roles),
            taken_name(self.naming, self.regions, len(roles)),
            too_many_sources(self.regions, pairs, checkers),
            open_entry(self.regions, pairs),
        ):
            if problem is not None:
                yield problem

    def _lab(self) -> Iterator[str]:
        if self.lab is not None and len(set(self.lab.regions)) != len(self.lab.regions):
            yield "lab.regions: a region stands in it twice"
