"""`warren:certificates:CertificateAuthority`: the CA of a stack, or of the nodes of one region."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_tls as tls


@dataclass(frozen=True)
class CertificateAuthorityArgs:
    """What the CA is called and how long it lives.

    Attributes:
        common_name: shown to people who look at a certificate.
        validity_hours: lifetime. A new CA means new certificates everywhere at once, so it is long.
    """

    common_name: str
    validity_hours: int


class CertificateAuthority(pulumi.ComponentResource):
    """A private CA. Its key stays in the stack's state, as a secret, and nowhere else.

    Attributes:
        certificate: the CA certificate (PEM); public.
        private_key: the CA key (PEM); secret.
    """

    certificate: pulumi.Output[str]
    private_key: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: CertificateAuthorityArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("warren:certificates:CertificateAuthority", name, None, opts)
        key = tls.PrivateKey(
            name, algorithm="ECDSA", ecdsa_curve="P256", opts=pulumi.ResourceOptions(parent=self)
        )
        own = tls.SelfSignedCert(
            name,
            private_key_pem=key.private_key_pem,
            is_ca_certificate=True,
            set_subject_key_id=True,
            validity_period_hours=args.validity_hours,
            allowed_uses=["cert_signing", "crl_signing", "digital_signature"],
            subject=tls.SelfSignedCertSubjectArgs(
                common_name=args.common_name, organization="warren"
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.certificate = own.cert_pem
        self.private_key = pulumi.Output.secret(key.private_key_pem)
        self.register_outputs({"certificate": self.certificate})
