"""`warren:topology:Users`: the stack's users and their generated passwords.

An application's user has one password in all regions: a client that follows the primary keeps its
credentials. Whoever looks after brokers (administrators, monitoring) has another in each region, so
that one region's loss opens no other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
        declared: by name; admin and monitoring are added.
        regions: names of the regions.
    """

    declared: Mapping[str, User]
    regions: Collection[str]


class Users(pulumi.ComponentResource):
    """All users with a password. Links have certificates instead.

    Attributes:
        roles: what each user may do, by name.
        shared: passwords of application users, by name; secret.
        operators: passwords of administrators and monitoring, by region and name; secret.
        boot_definitions: RabbitMQ definitions with the administrator, by region; secret.
    """

    roles: Mapping[str, User]
    shared: Mapping[str, pulumi.Output[str]]
    operators: Mapping[str, Mapping[str, pulumi.Output[str]]]
    boot_definitions: Mapping[str, pulumi.Output[str]]

    def __init__(
        self, name: str, args: UsersArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:topology:Users", name, None, opts)
        self.roles = {
            ADMIN: User(role="administrator", vhosts=None),
            MONITORING: User(role="monitoring", vhosts=None),
            **args.declared,
        }
        self.shared = {
            user: self._password(f"{name}-{user}")
            for user, role in self.roles.items()
            if not role.operates
        }
        self.operators = {
            region: {
                # No user's name has an '@'.
                user: self._password(f"{name}-{user}@{region}")
                for user, role in self.roles.items()
                if role.operates
            }
            for region in args.regions
        }
        self.boot_definitions = {
            region: pulumi.Output.secret(
                passwords[ADMIN].apply(lambda password: boot_definitions(ADMIN, password))
            )
            for region, passwords in self.operators.items()
        }
        self.register_outputs({"users": sorted(self.roles)})

    def of(self, region: str) -> dict[str, pulumi.Output[str]]:
        """The passwords of all users in a region, by name."""
        return {**self.shared, **self.operators[region]}

    def _password(self, name: str) -> pulumi.Output[str]:
        return random.RandomPassword(
            name,
            length=32,
            # Letters and digits only: such a password fits a URI as it is, and 32 of them are enough.
            special=False,
            opts=pulumi.ResourceOptions(parent=self),
        ).result
