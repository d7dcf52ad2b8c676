"""`warren:links:LinkCertificates`: a certificate for each pair of linked regions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.certificates import Certificate, CertificateArgs, CertificateAuthority
from components.settings.links import Link
from components.settings.stack import Tls
from components.settings.values import duration_seconds


@dataclass(frozen=True)
class LinkCertificatesArgs:
    """Which links, and who signs.

    Attributes:
        links: all links of the stack.
        authority: the stack's CA.
        tls: lifetimes.
    """

    links: Sequence[Link]
    authority: CertificateAuthority
    tls: Tls


class LinkCertificates(pulumi.ComponentResource):
    """Client certificates by which a downstream region logs in at its upstream.

    Attributes:
        by_pair: certificates by "<upstream>-<downstream>".
    """

    by_pair: Mapping[str, Certificate]

    def __init__(
        self, name: str, args: LinkCertificatesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:links:LinkCertificates", name, None, opts)
        users = {link.pair: link.user for link in args.links}
        self.by_pair = {
            pair: Certificate(
                f"{name}-{pair}",
                CertificateArgs(
                    authority=args.authority,
                    common_name=user,
                    uses=["client_auth"],
                    validity_hours=duration_seconds(args.tls.certificate_validity) // 3600,
                    renewal_hours=duration_seconds(args.tls.renew_before) // 3600,
                ),
                pulumi.ResourceOptions(parent=self),
            )
            for pair, user in sorted(users.items())
        }
        self.register_outputs({"pairs": sorted(self.by_pair)})

    def dialled_by(self, region: str, links: Sequence[Link]) -> dict[str, Certificate]:
        """The certificates that a region needs to dial its upstreams, by pair."""
        return {link.pair: self.by_pair[link.pair] for link in links if link.to == region}
