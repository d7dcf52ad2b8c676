"""`tls:*`: keys and certificates. Same inputs and outputs as pulumi-tls, made by `cryptography`."""

from __future__ import annotations

import datetime
import ipaddress
from typing import TYPE_CHECKING, Any

from warren.errors import WarrenError
from warren.values import Properties, reveal, secret

if TYPE_CHECKING:
    from cryptography import x509

# `cryptography` is imported where it is used: most runs make no certificate.


def make(type_: str, inputs: Properties) -> tuple[str, Properties]:
    """Id and outputs of a new key, request or certificate.

    Raises:
        WarrenError: the type is not known here.
    """
    given = reveal(inputs)
    kind = type_.rpartition(":")[2]
    if kind == "PrivateKey":
        return _private_key(given)
    if kind == "CertRequest":
        return _request(given)
    if kind == "SelfSignedCert":
        return _self_signed(given)
    if kind == "LocallySignedCert":
        return _locally_signed(given)
    raise WarrenError(
        f"The embedded engine has no {type_}.", "Install the pulumi CLI and use --engine pulumi."
    )


def _private_key(given: Properties) -> tuple[str, Properties]:
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    algorithm = given["algorithm"]
    if algorithm == "ECDSA":
        curves = {
            "P224": ec.SECP224R1(),
            "P256": ec.SECP256R1(),
            "P384": ec.SECP384R1(),
            "P521": ec.SECP521R1(),
        }
        key: Any = ec.generate_private_key(curves[given.get("ecdsaCurve", "P224")])
        classic = form.PrivateFormat.TraditionalOpenSSL
    elif algorithm == "RSA":
        key = rsa.generate_private_key(
            public_exponent=65537, key_size=int(given.get("rsaBits", 2048))
        )
        classic = form.PrivateFormat.TraditionalOpenSSL
    elif algorithm == "ED25519":
        key = ed25519.Ed25519PrivateKey.generate()
        classic = form.PrivateFormat.PKCS8
    else:
        raise WarrenError(f"No key of algorithm {algorithm}.", "Use ECDSA, RSA or ED25519.")
    plain = form.NoEncryption()

    def pem(layout: form.PrivateFormat) -> str:
        return key.private_bytes(form.Encoding.PEM, layout, plain).decode()

    public = key.public_key()
    public_pem = public.public_bytes(
        form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo
    ).decode()
    outputs = {
        **given,
        "privateKeyPem": secret(pem(classic)),
        "privateKeyPemPkcs8": secret(pem(form.PrivateFormat.PKCS8)),
        "publicKeyPem": public_pem,
    }
    if algorithm != "ECDSA" or given.get("ecdsaCurve") != "P224":
        outputs["privateKeyOpenssh"] = secret(pem(form.PrivateFormat.OpenSSH))
        outputs["publicKeyOpenssh"] = (
            public.public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH).decode() + "\n"
        )
    return _identity(public_pem), outputs


def _request(given: Properties) -> tuple[str, Properties]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    key: Any = serialization.load_pem_private_key(given["privateKeyPem"].encode(), None)
    builder = x509.CertificateSigningRequestBuilder().subject_name(_subject(given))
    alternatives = _alternatives(given)
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    request = builder.sign(key, hashes.SHA256())
    pem = request.public_bytes(serialization.Encoding.PEM).decode()
    return _identity(pem), {
        **given,
        "privateKeyPem": secret(given["privateKeyPem"]),
        "certRequestPem": pem,
    }


def _self_signed(given: Properties) -> tuple[str, Properties]:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    key: Any = serialization.load_pem_private_key(given["privateKeyPem"].encode(), None)
    subject = _subject(given)
    builder = _certificate(given, subject, subject, key.public_key(), key.public_key())
    alternatives = _alternatives(given)
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    return _signed(given, builder, key, {"privateKeyPem": secret(given["privateKeyPem"])})


def _locally_signed(given: Properties) -> tuple[str, Properties]:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    request = x509.load_pem_x509_csr(given["certRequestPem"].encode())
    authority = x509.load_pem_x509_certificate(given["caCertPem"].encode())
    key: Any = serialization.load_pem_private_key(given["caPrivateKeyPem"].encode(), None)
    builder = _certificate(
        given, request.subject, authority.subject, request.public_key(), authority.public_key()
    )
    for extension in request.extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            builder = builder.add_extension(extension.value, critical=extension.critical)
    return _signed(given, builder, key, {"caPrivateKeyPem": secret(given["caPrivateKeyPem"])})


def _signed(
    given: Properties, builder: x509.CertificateBuilder, key: Any, kept: Properties
) -> tuple[str, Properties]:
    from cryptography.hazmat.primitives import hashes, serialization

    certificate = builder.sign(key, hashes.SHA256())
    return str(certificate.serial_number), {
        **given,
        **kept,
        "certPem": certificate.public_bytes(serialization.Encoding.PEM).decode(),
        "validityStartTime": certificate.not_valid_before_utc.isoformat(),
        "validityEndTime": certificate.not_valid_after_utc.isoformat(),
        "readyForRenewal": False,
    }


_KEY_USAGES = {
    "digital_signature": "digital_signature",
    "content_commitment": "content_commitment",
    "key_encipherment": "key_encipherment",
    "data_encipherment": "data_encipherment",
    "key_agreement": "key_agreement",
    "cert_signing": "key_cert_sign",
    "crl_signing": "crl_sign",
}
_EXTENDED = {"server_auth": "SERVER_AUTH", "client_auth": "CLIENT_AUTH"}


def _certificate(
    given: Properties,
    subject: x509.Name,
    issuer: x509.Name,
    public_key: Any,
    issuer_key: Any,
) -> x509.CertificateBuilder:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    uses = set(given.get("allowedUses", []))
    unknown = uses - _KEY_USAGES.keys() - _EXTENDED.keys()
    if unknown:
        raise WarrenError(
            f"A certificate's use '{min(unknown)}' is not known here.", "Use the pulumi CLI for it."
        )
    flags = dict.fromkeys([*_KEY_USAGES.values(), "encipher_only", "decipher_only"], False)
    flags |= {_KEY_USAGES[use]: True for use in uses if use in _KEY_USAGES}
    authority = bool(given.get("isCaCertificate"))
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        # A minute for clocks of other machines that are behind.
        .not_valid_before(now - datetime.timedelta(minutes=1))
        .not_valid_after(now + datetime.timedelta(hours=int(given["validityPeriodHours"])))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**flags), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False
        )
    )
    extended = [getattr(ExtendedKeyUsageOID, _EXTENDED[use]) for use in uses if use in _EXTENDED]
    if extended:
        builder = builder.add_extension(x509.ExtendedKeyUsage(extended), critical=False)
    if given.get("setSubjectKeyId") or authority:
        identifier = x509.SubjectKeyIdentifier.from_public_key(public_key)
        builder = builder.add_extension(identifier, critical=False)
    return builder


def _subject(given: Properties) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    fields = {
        "commonName": NameOID.COMMON_NAME,
        "organization": NameOID.ORGANIZATION_NAME,
        "organizationalUnit": NameOID.ORGANIZATIONAL_UNIT_NAME,
        "country": NameOID.COUNTRY_NAME,
        "province": NameOID.STATE_OR_PROVINCE_NAME,
        "locality": NameOID.LOCALITY_NAME,
    }
    values = given.get("subject") or {}
    return x509.Name(
        [x509.NameAttribute(oid, values[key]) for key, oid in fields.items() if values.get(key)]
    )


def _alternatives(given: Properties) -> list[x509.GeneralName]:
    from cryptography import x509

    return [
        *(x509.DNSName(name) for name in given.get("dnsNames") or []),
        *(x509.IPAddress(ipaddress.ip_address(item)) for item in given.get("ipAddresses") or []),
        *(x509.UniformResourceIdentifier(uri) for uri in given.get("uris") or []),
    ]


def _identity(text: str) -> str:
    import hashlib

    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
