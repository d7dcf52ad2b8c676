"""Keys and certificates of the embedded engine, read back by `cryptography`."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from warren.engines.embedded.certificates import make
from warren.plan.renewal import due
from warren.values import is_secret, reveal

KEY = "tls:index/privateKey:PrivateKey"
SELF = "tls:index/selfSignedCert:SelfSignedCert"
REQUEST = "tls:index/certRequest:CertRequest"
SIGNED = "tls:index/locallySignedCert:LocallySignedCert"


def key() -> dict[str, Any]:
    return make(KEY, {"algorithm": "ECDSA", "ecdsaCurve": "P256"})[1]


def chain(hours: int = 24) -> tuple[dict[str, Any], dict[str, Any]]:
    ca_key, own_key = key(), key()
    _, ca = make(
        SELF,
        {
            "privateKeyPem": reveal(ca_key["privateKeyPem"]),
            "isCaCertificate": True,
            "validityPeriodHours": 48,
            "allowedUses": ["cert_signing"],
            "subject": {"commonName": "CA"},
        },
    )
    _, request = make(
        REQUEST,
        {
            "privateKeyPem": reveal(own_key["privateKeyPem"]),
            "subject": {"commonName": "east"},
            "dnsNames": ["east.rabbit.lab"],
            "ipAddresses": ["10.0.0.1"],
        },
    )
    _, signed = make(
        SIGNED,
        {
            "certRequestPem": request["certRequestPem"],
            "caPrivateKeyPem": reveal(ca_key["privateKeyPem"]),
            "caCertPem": ca["certPem"],
            "validityPeriodHours": hours,
            "earlyRenewalHours": 6,
            "allowedUses": ["digital_signature", "server_auth", "client_auth"],
        },
    )
    return ca, signed


@pytest.mark.parametrize("algorithm", ["ECDSA", "RSA", "ED25519"])
def test_private_keys_are_secret(algorithm: str) -> None:
    _, outputs = make(KEY, {"algorithm": algorithm, "ecdsaCurve": "P384"})
    assert is_secret(outputs["privateKeyPem"])
    assert is_secret(outputs["privateKeyPemPkcs8"])
    assert "PUBLIC KEY" in outputs["publicKeyPem"]


def test_a_signed_certificate_verifies_and_says_what_was_asked() -> None:
    ca, signed = chain()
    authority = x509.load_pem_x509_certificate(ca["certPem"].encode())
    certificate = x509.load_pem_x509_certificate(signed["certPem"].encode())
    certificate.verify_directly_issued_by(authority)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["east.rabbit.lab"]
    assert [str(item) for item in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.1"]
    uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert set(uses) == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert basic.ca is False


def test_a_certificate_is_due_in_its_last_hours_only() -> None:
    assert not due(SIGNED, chain(24)[1])
    assert due(SIGNED, chain(5)[1])
    old = chain(24)[1] | {
        "validityEndTime": (
            datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=5)
        ).isoformat()
    }
    assert due(SIGNED, old)
    assert not due(KEY, {})
