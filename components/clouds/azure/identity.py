"""`warren:clouds:AzureIdentity`: the managed identities of a region, and how they are given rights.

Identities are made before what uses them, so that each right can be granted first, on one resource
each, never on the whole subscription. No secret belongs to any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import authorization, managedidentity

from components.clouds.azure.names import role_definition


@dataclass(frozen=True)
class AzureIdentityArgs:
    """Whose identities they are.

    Attributes:
        subscription: that the roles are looked up in.
        resource_group: that the identities are in.
        tags: of every identity.
    """

    subscription: str
    resource_group: pulumi.Input[str]
    tags: Mapping[str, str]


class AzureIdentity(pulumi.ComponentResource):
    """Identities of control plane, disk encryption and flow logs.

    Attributes:
        cluster: of the AKS control plane.
        disks: of the disk encryption set.
        flow_logs: of the network watcher's flow logs.
    """

    cluster: managedidentity.UserAssignedIdentity
    disks: managedidentity.UserAssignedIdentity
    flow_logs: managedidentity.UserAssignedIdentity

    def __init__(
        self, name: str, args: AzureIdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:clouds:AzureIdentity", name, None, opts)
        self._args = args
        self.cluster = self._identity(f"{name}-control-plane")
        self.disks = self._identity(f"{name}-disks")
        self.flow_logs = self._identity(f"{name}-flow-logs")
        self.register_outputs({"cluster": self.cluster.id})

    def _identity(self, name: str) -> managedidentity.UserAssignedIdentity:
        return managedidentity.UserAssignedIdentity(
            name,
            resource_group_name=self._args.resource_group,
            tags=dict(self._args.tags),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def grant(
        self,
        name: str,
        identity: managedidentity.UserAssignedIdentity,
        role: str,
        scope: pulumi.Input[str],
        parent: pulumi.Resource,
    ) -> authorization.RoleAssignment:
        """Gives an identity one built-in role on one resource, as a child of who asks for it."""
        return authorization.RoleAssignment(
            name,
            principal_id=identity.principal_id,
            principal_type=authorization.PrincipalType.SERVICE_PRINCIPAL,
            role_definition_id=role_definition(self._args.subscription, role),
            scope=scope,
            opts=pulumi.ResourceOptions(parent=parent),
        )


def one_of(identity: managedidentity.UserAssignedIdentity) -> pulumi.Output[list[str]]:
    """A list of this identity alone, as one unknown while it does not exist.

    Azure is given a list of identities and answers with a mapping. A list with an unknown in it
    would come back from a plan as a list, which the SDK then refuses to read as the mapping.
    """
    return identity.id.apply(lambda known: [known])
