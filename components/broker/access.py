"""The brokers' service account, and what it may do: nothing, or before 4.1 peer discovery."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes import core, meta, rbac

from components.broker.names import BrokerNames
from components.settings.broker import Broker


def service_account(
    name: str,
    broker: Broker,
    names: BrokerNames,
    labels: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """The service account; with a role on endpoints for series that look peers up in the API."""
    metadata = meta.v1.ObjectMetaArgs(
        name=names.name, namespace=names.namespace, labels=dict(labels)
    )
    account = core.v1.ServiceAccount(
        name, metadata=metadata, automount_service_account_token=False, opts=opts
    )
    if broker.at_least(4, 1):
        return [account]
    role = rbac.v1.Role(
        name,
        metadata=metadata,
        rules=[
            rbac.v1.PolicyRuleArgs(
                api_groups=[""], resources=["endpoints"], verbs=["get", "list", "watch"]
            ),
            rbac.v1.PolicyRuleArgs(api_groups=[""], resources=["events"], verbs=["create"]),
        ],
        opts=opts,
    )
    binding = rbac.v1.RoleBinding(
        name,
        metadata=metadata,
        role_ref=rbac.v1.RoleRefArgs(
            api_group="rbac.authorization.k8s.io", kind="Role", name=names.name
        ),
        subjects=[
            rbac.v1.SubjectArgs(kind="ServiceAccount", name=names.name, namespace=names.namespace)
        ],
        opts=opts,
    )
    return [account, role, binding]
