"""`warren:certificates:Certificate`: a key and a certificate signed by a CA of ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_tls as tls

from components.certificates.authority import CertificateAuthority


@dataclass(frozen=True)
class CertificateArgs:
    """Whom the certificate names and what it may do.

    Attributes:
        authority: the CA that signs.
        common_name: the subject; for a link it is the RabbitMQ user that it logs in as.
        uses: key usages, as pulumi-tls names them ("server_auth", "client_auth").
        validity_hours: lifetime.
        renewal_hours: the next `up` within this many hours of the end renews it. The files in the
            pods change in place and RabbitMQ reads them again, so nothing restarts.
        dns_names: subject alternative names.
        ip_addresses: subject alternative addresses.
    """

    authority: CertificateAuthority
    common_name: str
    uses: Sequence[str]
    validity_hours: int
    renewal_hours: int
    dns_names: pulumi.Input[Sequence[pulumi.Input[str]]] = field(default_factory=tuple)
    ip_addresses: pulumi.Input[Sequence[pulumi.Input[str]]] = field(default_factory=tuple)


class Certificate(pulumi.ComponentResource):
    """A signed certificate.

    Attributes:
        certificate: PEM; public.
        private_key: PKCS #8 PEM; secret.
        not_after: end of its life, RFC 3339.
    """

    certificate: pulumi.Output[str]
    private_key: pulumi.Output[str]
    not_after: pulumi.Output[str]

    def __init__(
        self, name: str, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:certificates:Certificate", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        key = tls.PrivateKey(name, algorithm="ECDSA", ecdsa_curve="P256", opts=child)
        request = tls.CertRequest(
            name,
            private_key_pem=key.private_key_pem,
            subject=tls.CertRequestSubjectArgs(common_name=args.common_name, organization="warren"),
            dns_names=args.dns_names,
            ip_addresses=args.ip_addresses,
            opts=child,
        )
        signed = tls.LocallySignedCert(
            name,
            cert_request_pem=request.cert_request_pem,
            ca_private_key_pem=args.authority.private_key,
            ca_cert_pem=args.authority.certificate,
            validity_period_hours=args.validity_hours,
            early_renewal_hours=args.renewal_hours,
            allowed_uses=["digital_signature", *args.uses],
            opts=child,
        )
        self.certificate = signed.cert_pem
        self.private_key = pulumi.Output.secret(key.private_key_pem_pkcs8)
        self.not_after = signed.validity_end_time
        self.register_outputs({"certificate": self.certificate, "not_after": self.not_after})
