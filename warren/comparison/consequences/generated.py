"""Consequences of changed passwords, keys and certificates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from warren.comparison.consequences.model import Change, Consequence, Rule


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
    if change.type.endswith("SelfSignedCert") and _joins(change):
        if change.kind == "replaced":
            yield Consequence(
                "The CA that a region's nodes know one another by changes. Until all of them have "
                "loaded the new one, a broker that restarts or loses the others doesn't join them.",
                loses=True,
            )
    elif change.gone and change.type.endswith("SelfSignedCert"):
        yield Consequence(
            "The stack's CA changes: every certificate is signed anew, and clients that do not "
            "trust the new CA are refused.",
            loses=True,
        )
    elif change.kind == "replaced" and change.type.endswith("LocallySignedCert"):
        signer = "the CA of the region's nodes" if _joins(change) else "the stack's CA"
        yield Consequence(f"A new certificate is signed by {signer}; brokers load it.")


def _joins(change: Change) -> bool:
    """Whether it is of a region's distribution (`components/broker/distribution.py`)."""
    return change.name.endswith(("-distribution", "-distribution-ca"))


def _private_key(change: Change) -> Iterator[Consequence]:
    if change.gone and change.name == "ca":
        yield Consequence(
            "The key of the stack's CA is lost: nothing more is signed by it.", loses=True
        )


def _request(change: Change) -> Iterator[Consequence]:
    """A name that leaves a certificate is one that clients may still connect by."""
    if change.kind == "removed":
        return
    old, new = (set(side.get("dnsNames") or []) for side in (change.old, change.new))
    gone = sorted(name for name in old - new if "." in name and not name.startswith("("))
    public = [name for name in gone if not name.endswith((".svc", ".cluster.local"))]
    if change.kind == "replaced" and public:
        yield Consequence(
            f"The certificate no longer says {', '.join(public)}: clients that connect by it are "
            "refused, by their own verification.",
            loses=True,
        )


GENERATED: Mapping[str, Rule] = {
    "random:index/randomPassword:RandomPassword": _password,
    "tls:index/certRequest:CertRequest": _request,
    "tls:index/privateKey:PrivateKey": _private_key,
    "tls:index/locallySignedCert:LocallySignedCert": _certificate,
    "tls:index/selfSignedCert:SelfSignedCert": _certificate,
}
"""Rules by type."""
