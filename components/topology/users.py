"""`warren:topology:Users`: the stack's users and their generated passwords.

A user has one password in all regions: a client that follows the primary keeps its credentials.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_random as random

from components.settings.topology import User
from components.topology.passwords import boot_definitions

ADMIN = "admin"
MONITORING = "monitoring"


@dataclass(frozen=True)
class UsersArgs:
    """The users.

    Attributes:
        declared: application users by name; admin and monitoring are added.
    """

    declared: Mapping[str, User]


class Users(pulumi.ComponentResource):
    """All users with a password. Links have certificates instead.

    Attributes:
        roles: what each user may do, by name.
        passwords: by name; secret.
        boot_definitions: RabbitMQ definitions with the administrator; secret.
    """

    roles: Mapping[str, User]
    passwords: Mapping[str, pulumi.Output[str]]
    boot_definitions: pulumi.Output[str]

    def __init__(
        self, name: str, args: UsersArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:topology:Users", name, None, opts)
        self.roles = {
            ADMIN: User(role="administrator", vhosts=None),
            MONITORING: User(role="monitoring", vhosts=None),
            **args.declared,
        }
        self.passwords = {
            user: random.RandomPassword(
                f"{name}-{user}",
                length=32,
                # Letters and digits only: such a password fits a URI as it is, and 32 of them are enough.
                special=False,
                opts=pulumi.ResourceOptions(parent=self),
            ).result
            for user in self.roles
        }
        self.boot_definitions = pulumi.Output.secret(
            self.passwords[ADMIN].apply(lambda password: boot_definitions(ADMIN, password))
        )
        self.register_outputs({"users": sorted(self.roles)})
