"""`warren:clouds:GcpIdentity`: the service account of a region's nodes.

Nodes never run as the project's default account, which may edit the whole project. Pods get
accounts of their own by workload identity, never the node's, and no account has a key.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_gcp import projects, serviceaccount

NODE_ROLES = ("roles/container.defaultNodeServiceAccount",)
"""Write logs and metrics, and no more; pulling images is granted on their registry."""

ACCOUNT_LIMIT = 30


@dataclass(frozen=True)
class GcpIdentityArgs:
    """Whose account it is.

    Attributes:
        project: that it is in.
        account_id: its name, at most 30 characters.
    """

    project: str
    account_id: str


class GcpIdentity(pulumi.ComponentResource):
    """The nodes' account.

    Attributes:
        nodes: the account.
        ready: rights that must be in place before nodes run.
    """

    nodes: serviceaccount.Account
    ready: list[pulumi.Resource]

    def __init__(
        self, name: str, args: GcpIdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:clouds:GcpIdentity", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.nodes = serviceaccount.Account(
            f"{name}-nodes",
            account_id=args.account_id,
            display_name=f"RabbitMQ nodes, {name}",
            opts=child,
        )
        self.ready = [
            projects.IAMMember(
                f"{name}-nodes-{role.rsplit('.', maxsplit=1)[-1]}",
                project=args.project,
                role=role,
                member=self.nodes.email.apply(lambda email: f"serviceAccount:{email}"),
                opts=child,
            )
            for role in NODE_ROLES
        ]
        self.register_outputs({"nodes": self.nodes.email})
