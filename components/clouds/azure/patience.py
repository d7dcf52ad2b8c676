"""Trying again where Azure has not yet heard of a right that it was told of.

A role assignment takes up to 10 minutes to reach every service (Azure RBAC, "Troubleshooting": role
assignments are cached; Key Vault, "Provide access with RBAC"). Azure checks a key when it is first named,
and then refuses a disk encryption set with `KeyVaultAccessForbidden`, and a cluster with
`AzureKeyVaultKmsValidateIdentityPermissionCustomerError`, seconds after the right was given. Access
policies of a vault would work at once, but let every contributor of the resource group give itself the
key. So Pulumi is told to ask again: by an error hook, which runs during `up` alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pulumi

PAUSE_SECONDS = 30
ATTEMPTS = 40
"""20 minutes together: twice of what Azure promises."""

NOT_YET = (
    "KeyVaultAccessForbidden",
    "AzureKeyVaultKmsValidateIdentityPermissionCustomerError",
    "LinkedAuthorizationFailed",
    "PrincipalNotFound",
)
"""Errors of a right, or of an identity, that is there but not yet known everywhere. Whatever else is
wrong ends the run at once."""


def worth_another_try(errors: Sequence[str]) -> bool:
    """Whether it is worth asking again.

    Args:
        errors: what Azure has said so far, the newest first.
    """
    if not errors or len(errors) >= ATTEMPTS:
        return False
    return any(code in errors[0] for code in NOT_YET)


def until_rights_are_known(name: str) -> pulumi.ResourceHookBinding:
    """The hook for a resource that uses a right which was given a moment ago.

    Args:
        name: of the hook; no two of a program alike.
    """

    async def again(failed: pulumi.ErrorHookArgs) -> bool:
        if not worth_another_try(failed.errors):
            return False
        pulumi.log.info(f"{failed.name}: Azure does not know the new rights yet; asked again soon.")
        await asyncio.sleep(PAUSE_SECONDS)
        return True

    return pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook(name, again)])
