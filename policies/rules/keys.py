"""Keys and certificates: rotation, lifetimes."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource, Rule
from policies.reading import at, true, whole

LONGEST_HOURS = 398 * 24
"""Longest life of a server certificate that public CAs and browsers have agreed on."""


def _rotation(resource: Resource, _: bool) -> Iterator[str]:
    inputs = resource.inputs
    if resource.type.startswith("aws:"):
        rotated = true(inputs.get("enableKeyRotation"))
    elif resource.type.startswith("gcp:"):
        rotated = inputs.get("rotationPeriod") is not None
    else:
        rotated = at(inputs, "properties.rotationPolicy.lifetimeActions") is not None
    # Asymmetric keys can't be rotated by these clouds: others hold their public halves.
    asymmetric = (
        inputs.get("purpose", "ENCRYPT_DECRYPT") != "ENCRYPT_DECRYPT"
        or inputs.get("keyUsage", "ENCRYPT_DECRYPT") != "ENCRYPT_DECRYPT"
    )
    if not rotated and not asymmetric:
        yield "the key is never rotated"


def _lifetime(resource: Resource, _: bool) -> Iterator[str]:
    hours = whole(resource.inputs.get("validityPeriodHours"))
    if hours is not None and hours > LONGEST_HOURS:
        yield f"the certificate is valid for {hours // 24} days"
    if not whole(resource.inputs.get("earlyRenewalHours")):
        yield "nothing renews the certificate before it expires"


def _algorithm(resource: Resource, _: bool) -> Iterator[str]:
    if resource.inputs.get("algorithm") == "RSA" and (
        (whole(resource.inputs.get("rsaBits")) or 2048) < 3072
    ):
        yield "RSA keys under 3072 bits are not for certificates of years to come"


RULES = (
    Rule(
        "key-rotated",
        "mandatory",
        "Encryption keys are rotated by the cloud.",
        "Turn rotation on.",
        ("aws:kms/key:Key", "azure-native:keyvault:Key", "gcp:kms/cryptoKey:CryptoKey"),
        _rotation,
    ),
    Rule(
        "certificate-lifetime",
        "advisory",
        "Certificates live at most 398 days and are renewed in time.",
        "Lower tls.certificate_validity, and set tls.renew_before.",
        ("tls:index/locallySignedCert:LocallySignedCert",),
        _lifetime,
    ),
    Rule(
        "private-key-strong",
        "mandatory",
        "Private keys are ECDSA, Ed25519, or RSA of 3072 bits.",
        "Use ECDSA with P256.",
        ("tls:index/privateKey:PrivateKey",),
        _algorithm,
    ),
)
