"""What a region's cloud gives to the rest of the program, whichever cloud it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol, cast

import pulumi
import pulumi_kubernetes as kubernetes

from components.context import Context
from components.naming.contract import Naming, NamingArgs
from components.settings.clouds import registry


class Cloud(Protocol):
    """A Kubernetes cluster and what surrounds it, ready for brokers.

    Attributes:
        provider: talks to the cluster; explicit context, stable cluster identifier.
        storage_class: name of the class for broker volumes; None is the cluster's default class.
        egress: address ranges (CIDR) that the region's pods leave by; other regions let them in.
        service_annotations: what the cloud's load balancer needs for passing AMQPS through, and, where
            the cloud lets it, which address it has.
        kubeconfig: path or content; None for the user's own. Holds no token, but is secret where
            warren made the cluster.
        kube_context: context in it.
    """

    provider: kubernetes.Provider
    storage_class: pulumi.Input[str] | None
    egress: Sequence[pulumi.Input[str]]
    service_annotations: Mapping[str, pulumi.Input[str]]
    kubeconfig: pulumi.Input[str] | None
    kube_context: str


class CloudModule(Protocol):
    """What the module that a cloud's entry names must have. `settings` is of the entry's model."""

    def build_region(
        self, name: str, context: Context, settings: Any, opts: pulumi.ResourceOptions | None
    ) -> Cloud:
        """The cloud part of a region."""
        ...

    def build_names(
        self, name: str, settings: Any, args: NamingArgs, opts: pulumi.ResourceOptions | None
    ) -> Naming:
        """The zone and its records; only of a cloud whose entry has `naming`."""
        ...


def component_of(key: str) -> CloudModule:
    """The module that builds a cloud's regions, imported now."""
    return cast("CloudModule", import_module(registry.facts(key).component))
