"""What the made-up cloud builds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_kubernetes as kubernetes

from components.clouds.provider import kubernetes_provider
from components.context import Context
from components.naming.contract import NamingArgs
from tests.unit.clouds.made_up.facts import MadeUpNaming, MadeUpRegion


class Harbour(pulumi.CustomResource):
    """Its cluster."""

    def __init__(self, name: str, island: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__("made-up:sea:Harbour", name, {"island": island}, opts)


class MadeUpCloud(pulumi.ComponentResource):
    """A `Cloud`."""

    provider: kubernetes.Provider
    storage_class: pulumi.Input[str] | None
    egress: Sequence[pulumi.Input[str]]
    service_annotations: Mapping[str, str]
    kubeconfig: pulumi.Input[str] | None
    kube_context: str

    def __init__(
        self,
        name: str,
        context: Context,
        settings: MadeUpRegion,
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        super().__init__("tests:made_up:MadeUpCloud", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        Harbour(name, settings.island, inside)
        self.provider = kubernetes_provider(
            name,
            context=settings.island,
            kubeconfig=None,
            cluster_identifier=context.cluster_name(name),
            opts=inside,
        )
        self.storage_class = "barrels"
        self.egress = ["192.0.2.77/32"]
        self.service_annotations = {"made-up/flag": "red"}
        self.kubeconfig = None
        self.kube_context = settings.island
        self.register_outputs({})


class MadeUpNames(pulumi.ComponentResource):
    """A `Naming`."""

    global_name: str
    name_servers: pulumi.Output[Sequence[str]]

    def __init__(
        self,
        name: str,
        settings: MadeUpNaming,
        args: NamingArgs,
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        super().__init__("tests:made_up:MadeUpNames", name, None, opts)
        for region, address in args.regions.items():
            pulumi.CustomResource(
                "made-up:sea:Flag",
                f"{name}-{region}",
                {"type": address.type, "location": address.location},
                pulumi.ResourceOptions(parent=self),
            )
        self.global_name = f"{settings.record}.{args.context.domain}"
        self.name_servers = pulumi.Output.from_input(["gull.test"])
        self.register_outputs({})


def build_region(
    name: str, context: Context, settings: MadeUpRegion, opts: pulumi.ResourceOptions | None
) -> MadeUpCloud:
    """The cloud part of a region."""
    return MadeUpCloud(name, context, settings, opts)


def build_names(
    name: str, settings: MadeUpNaming, args: NamingArgs, opts: pulumi.ResourceOptions | None
) -> MadeUpNames:
    """The zone."""
    return MadeUpNames(name, settings, args, opts)
