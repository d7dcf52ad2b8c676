"""Consequences of changed passwords, keys and certificates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from warren.engines.consequences.model import Change, Consequence, Rule


def _password(change: Change) -> Iterator[Consequence]:
    if change.name.endswith("-cookie"):
        if change.kind == "replaced":
            yield Consequence(
                "Brokers with the old cookie and with the new one don't join one another.",
                loses=True,
            )
    elif change.gone:
        now = "another one takes its place" if change.kind == "replaced" else "its user goes"
        yield Consequence(f"Clients that log in with this password are refused: {now}.", loses=True)


def _certificate(change: Change) -> Iterator[Consequence]:
    if change.gone and change.type.endswith("SelfSignedCert"):
        yield Consequence(
            "The stack's CA changes: every certificate is signed anew, and clients that do not "
            "trust the new CA are refused.",
            loses=True,
        )
    elif change.kind == "replaced" and change.type.endswith("LocallySignedCert"):
        yield Consequence("A new certificate is signed by the stack's CA; brokers load it.")


def _private_key(change: Change) -> Iterator[Consequence]:
    if change.gone and change.name == "ca":
        yield Consequence(
            "The key of the stack's CA is lost: nothing more is signed by it.", loses=True
        )


GENERATED: Mapping[str, Rule] = {
    "random:index/randomPassword:RandomPassword": _password,
    "tls:index/privateKey:PrivateKey": _private_key,
    "tls:index/locallySignedCert:LocallySignedCert": _certificate,
    "tls:index/selfSignedCert:SelfSignedCert": _certificate,
}
"""Rules by type."""
