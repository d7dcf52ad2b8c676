"""The Kubernetes provider of a region: one place for the options that decide how safe it is."""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as kubernetes


def kubernetes_provider(
    name: str,
    *,
    context: pulumi.Input[str],
    kubeconfig: pulumi.Input[str] | None,
    cluster_identifier: str,
    opts: pulumi.ResourceOptions,
) -> kubernetes.Provider:
    """A provider bound to one context.

    The context is always explicit: the ambient current-context is how one cluster gets another's
    objects. `cluster_identifier` is the region's stable name, so that a changed kubeconfig (a new
    token, a moved file) does not replace every object. ConfigMaps and Secrets change in place:
    replacing them would wait for the garbage collector and restart brokers for nothing.
    """
    return kubernetes.Provider(
        name,
        context=context,
        kubeconfig=kubeconfig,
        cluster_identifier=cluster_identifier,
        enable_server_side_apply=True,
        enable_config_map_mutable=True,
        enable_secret_mutable=True,
        opts=opts,
    )
