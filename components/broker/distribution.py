"""`warren:broker:Distribution`: what the nodes of one region know one another by.

Whoever has the cookie and a certificate that the nodes trust is a node, and runs any code on all of them
(RabbitMQ, "Securing Cluster Communication"; Erlang, "Using TLS for Erlang Distribution"). So they trust a
CA of the region's own, which signs this certificate and no other: a link's, a server's and another
region's are signed by the stack's CA or by that region's, and join nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.broker.names import BrokerNames
from components.certificates import (
    Certificate,
    CertificateArgs,
    CertificateAuthority,
    CertificateAuthorityArgs,
)
from components.context import Context
from components.settings.stack import Tls
from components.settings.values import duration_seconds


@dataclass(frozen=True)
class DistributionArgs:
    """Whose nodes they are.

    Attributes:
        context: of the stack.
        region: name of the region.
        names: of the broker's objects; the certificate carries its nodes' DNS names.
        tls: lifetimes.
    """

    context: Context
    region: str
    names: BrokerNames
    tls: Tls


class Distribution(pulumi.ComponentResource):
    """A CA of the region's own, and the one certificate that it signs.

    Attributes:
        authority: the CA. Another one means that all nodes restart at once.
        certificate: of all nodes and of the command line tools beside them.
    """

    authority: CertificateAuthority
    certificate: Certificate

    def __init__(
        self, name: str, args: DistributionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:broker:Distribution", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.authority = CertificateAuthority(
            f"{name}-distribution-ca",
            CertificateAuthorityArgs(
                common_name=f"{args.context.cluster_name(args.region)} distribution CA",
                validity_hours=duration_seconds(args.tls.ca_validity) // 3600,
            ),
            child,
        )
        self.certificate = Certificate(
            f"{name}-distribution",
            CertificateArgs(
                authority=self.authority,
                common_name=f"nodes of {args.region}",
                # A node is a server to those that join it, and a client of those that it joins.
                uses=["server_auth", "client_auth"],
                validity_hours=duration_seconds(args.tls.certificate_validity) // 3600,
                renewal_hours=duration_seconds(args.tls.renew_before) // 3600,
                dns_names=args.names.certificate_names(),
            ),
            child,
        )
        self.register_outputs({"certificate": self.certificate.certificate})

    def files(self) -> Mapping[str, pulumi.Input[str]]:
        """The files of `DIST_DIRECTORY`, by name."""
        return {
            "ca.crt": self.authority.certificate,
            "tls.crt": self.certificate.certificate,
            "tls.key": self.certificate.private_key,
        }
