"""Regions on each cloud for the tests: as short as a stack file may have them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from components.context import Context
from components.settings import Settings, parse

OPERATORS = "203.0.113.0/26"
CONTEXT = Context(project="warren", stack="test", domain="mq.test", namespace="rabbitmq")

REGIONS: dict[str, dict[str, Any]] = {
    "aws": {
        "cloud": "aws",
        "account": "123456789012",
        "region": "us-east-1",
        "admins": ["arn:aws:iam::123456789012:role/deploy"],
        "api": {"authorized": [OPERATORS]},
        "network": {"cidr": "10.10.0.0/16"},
    },
    "azure": {
        "cloud": "azure",
        "subscription": "00000000-0000-4000-8000-000000000001",
        "tenant": "00000000-0000-4000-8000-000000000002",
        "location": "westeurope",
        "admin_groups": ["00000000-0000-4000-8000-000000000003"],
        "api": {"authorized": [OPERATORS]},
        "network": {"cidr": "10.20.0.0/16"},
    },
    "gcp": {
        "cloud": "gcp",
        "project": "example-messaging",
        "project_number": "998877665544",
        "region": "asia-northeast1",
        "api": {"authorized": [OPERATORS]},
        "network": {"cidr": "10.30.0.0/16"},
    },
    "existing": {"cloud": "existing", "context": "east"},
}
CLOUDS = ("aws", "azure", "gcp")
SDKS = {"aws": "pulumi_aws", "azure": "pulumi_azure_native", "gcp": "pulumi_gcp"}


def region(cloud: str, **changes: Any) -> dict[str, Any]:
    """Settings of a region on `cloud`, with `changes` laid over the first level, mappings
    merged."""
    result = deepcopy(REGIONS[cloud])
    for key, value in changes.items():
        old = result.get(key)
        result[key] = (
            {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
        )
    return result


def values(regions: dict[str, dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A stack's settings with these regions, the first one primary."""
    first, *others = regions
    return {
        "domain": "mq.test",
        "regions": regions,
        "dr": {"primary": first, "standby": others},
        "broker": {"service": {"allowed_sources": ["198.51.100.0/24"]}},
        **more,
    }


def settings(cloud: str, **changes: Any) -> Settings:
    """A stack of one region, `here`."""
    return parse(values({"here": region(cloud, **changes)}))
