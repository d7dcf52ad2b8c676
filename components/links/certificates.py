"""`warren:links:LinkCertificates`: a certificate for each pair of linked regions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.certificates import Certificate, CertificateArgs, CertificateAuthority
from components.settings.links import LinkBase, file_of, user_of
from components.settings.stack import Tls
from components.settings.values import duration_seconds


@dataclass(frozen=True)
class LinkCertificatesArgs:
    """Which links, and who signs.

    A certificate's generation is part of its name, of its key's and of the upstream's user, so that
    a raised one makes all three anew and the topology jobs take the old user away, with which the
    old certificate is worth nothing. It is the only way to call one back: RabbitMQ asks no list of
    revoked certificates unless it is served one (`ssl_options.crl_check`).

    Attributes:
        links: all links of the stack.
        authority: the stack's CA.
        tls: lifetimes.
    """

    links: Sequence[LinkBase]
    authority: CertificateAuthority
    tls: Tls


class LinkCertificates(pulumi.ComponentResource):
    """Client certificates by which a downstream region logs in at its upstream.

    Attributes:
        by_pair: certificates by "<upstream>.<downstream>".
    """

    by_pair: Mapping[str, Certificate]

    def __init__(
        self, name: str, args: LinkCertificatesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:links:LinkCertificates", name, None, opts)
        self._generations = generations = args.tls.link_generations
        users = {
            link.pair: (generation := generations.get(link.to, 1), user_of(link.pair, generation))
            for link in args.links
        }
        self.by_pair = {
            pair: Certificate(
                f"{name}-{pair}-{generation}",
                CertificateArgs(
                    authority=args.authority,
                    common_name=user,
                    uses=["client_auth"],
                    validity_hours=duration_seconds(args.tls.link_validity) // 3600,
                    renewal_hours=duration_seconds(args.tls.renew_before) // 3600,
                ),
                pulumi.ResourceOptions(parent=self),
            )
            for pair, (generation, user) in sorted(users.items())
        }
        self.register_outputs({"pairs": sorted(self.by_pair)})

    def dialled_by(self, region: str, links: Sequence[LinkBase]) -> dict[str, Certificate]:
        """The certificates that a region needs to dial its upstreams, by the names of their files."""
        return {
            file_of(link.pair, self._generations.get(link.to, 1)): self.by_pair[link.pair]
            for link in links
            if link.to == region
        }
