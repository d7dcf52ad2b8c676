"""Names that must be unique in all of Azure, and role definitions: pure."""

from __future__ import annotations

import hashlib

NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"
KEY_VAULT_CRYPTO_USER = "12338af0-0e69-4776-bea7-57ae8d297424"
KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER = "e147488a-f6f5-4113-8e2d-b22465e65bf6"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
STORAGE_BLOB_DATA_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
"""Azure's built-in roles; their identifiers are the same in every tenant."""

GLOBAL_NAME_LIMIT = 24
"""Key vaults and storage accounts: 24 characters, and no two in the world alike."""


def global_name(purpose: str, *owner: str) -> str:
    """A name of letters and digits made from its purpose and a hash of whose it is."""
    digest = hashlib.sha256("/".join(owner).encode()).hexdigest()
    return (purpose + digest)[:GLOBAL_NAME_LIMIT]


def suffixed_name(suffix: str, purpose: str, *owner: str) -> str:
    """The same with an end of its own, for what may not have the name that it had before."""
    return global_name(purpose, *owner)[: GLOBAL_NAME_LIMIT - len(suffix)] + suffix


def role_definition(subscription: str, role: str) -> str:
    """The resource identifier of a built-in role."""
    return f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"


def kubelogin_environment(location: str) -> str:
    """The same, as kubelogin's `--environment` calls them (kubelogin's documentation, "get-token").

    Without it kubelogin asks the public cloud's login server wherever the cluster is.
    """
    return _KUBELOGIN_ENVIRONMENTS[environment(location)]


_KUBELOGIN_ENVIRONMENTS = {
    "public": "AzurePublicCloud",
    "china": "AzureChinaCloud",
    "usgovernment": "AzureUSGovernmentCloud",
}


def environment(location: str) -> str:
    """Which of Azure's separate clouds a location is in."""
    if location.startswith("china"):
        return "china"
    return "usgovernment" if location.startswith("usgov") else "public"
