"""`warren:clouds:ExistingCluster`: nothing is created, the given context is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_kubernetes as kubernetes

from components.clouds.provider import kubernetes_provider


@dataclass(frozen=True)
class ExistingClusterArgs:
    """Where the cluster is.

    Attributes:
        context: context in the kubeconfig.
        kubeconfig: path or content; None for the user's own.
        cluster_identifier: stable name of the cluster in this stack.
        storage_class: existing class for broker volumes; None for the cluster's default.
        egress: address ranges that the cluster's pods leave by.
    """

    context: str
    kubeconfig: str | None
    cluster_identifier: str
    storage_class: str | None = None
    egress: Sequence[str] = field(default_factory=tuple)


class ExistingCluster(pulumi.ComponentResource):
    """A cluster that somebody else made."""

    provider: kubernetes.Provider
    storage_class: pulumi.Input[str] | None
    egress: Sequence[pulumi.Input[str]]
    service_annotations: Mapping[str, pulumi.Input[str]]
    kubeconfig: pulumi.Input[str] | None
    kube_context: str

    def __init__(
        self, name: str, args: ExistingClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:clouds:ExistingCluster", name, None, opts)
        self.provider = kubernetes_provider(
            name,
            context=args.context,
            kubeconfig=args.kubeconfig,
            cluster_identifier=args.cluster_identifier,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.storage_class = args.storage_class
        self.egress = list(args.egress)
        self.service_annotations = {}
        self.kubeconfig = args.kubeconfig
        self.kube_context = args.context
        self.register_outputs({"storage_class": self.storage_class, "egress": self.egress})
