"""What encrypts a production stack's secrets: a key that a cloud keeps, never a passphrase."""

from __future__ import annotations

from policies.model import Violation

KEPT_BY_A_CLOUD = ("awskms://", "azurekeyvault://", "gcpkms://", "hashivault://")
"""Schemes of Pulumi's secrets providers that keep the key themselves (Pulumi, "Secrets: Configuring
secrets encryption")."""


def check(provider: str, stack: str, *, production: bool) -> list[Violation]:
    """Whether the stack's secrets are encrypted by a key that somebody guards.

    The state holds the CA's key and every password. By a passphrase they are as safe as that is kept,
    and an empty one, which pulumi takes, is none.

    Args:
        provider: `secretsprovider` of the stack's file; empty where it says nothing.
        stack: its name.
        production: whether its settings say that it is.
    """
    if not production or provider.startswith(KEPT_BY_A_CLOUD):
        return []
    named = f"'{provider}'" if provider else "nothing, and so a passphrase that may be empty"
    return [
        Violation(
            "secrets-provider",
            "mandatory",
            f"Pulumi.{stack}.yaml",
            f"secretsprovider says {named}.",
            "Make the stack with a key of a cloud's: `pulumi stack init --secrets-provider "
            "awskms://alias/...`, or change it: `pulumi stack change-secrets-provider awskms://...`.",
        )
    ]
