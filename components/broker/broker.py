"""`warren:broker:Broker`: the RabbitMQ cluster of one region, as a StatefulSet of our own.

No operator has to be alive during a disaster: reaching the region's Kubernetes API is enough.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_random as random
from pulumi_kubernetes import apps, core, meta, policy

from components.broker import configuration
from components.broker.access import service_account
from components.broker.distribution import Distribution, DistributionArgs
from components.broker.ingress import ManagementIngress, ManagementIngressArgs
from components.broker.names import AMQPS_PORT, BrokerNames
from components.broker.network_policy import EVERYWHERE, NetworkPolicies, NetworkPoliciesArgs
from components.broker.pod import pod_template
from components.broker.services import client_service, entry_host, entry_service, nodes_service
from components.certificates import Certificate, CertificateArgs, CertificateAuthority
from components.context import Context
from components.settings.broker import Broker as BrokerSettings
from components.settings.management import ManagementIngress as ManagementSettings
from components.settings.region_base import Advertise
from components.settings.stack import Tls
from components.settings.values import duration_seconds


@dataclass(frozen=True)
class BrokerArgs:
    """What a region's broker is made from.

    Attributes:
        context: of the stack.
        region: name of the region.
        settings: the region's broker settings.
        authority: signs the server certificate; what joins the nodes has a CA of its own.
        tls: lifetimes.
        boot_definitions: RabbitMQ definitions (JSON, secret) that a new cluster starts with: the
            administrator, as a password hash.
        links: certificates of the links that this region dials, by link name.
        storage_class: of the volumes; None for the cluster's default class.
        service_annotations: what the cloud's load balancer needs.
        allowed_sources: address ranges let in at the AMQPS entry.
        pods: ranges that are seen inside the cluster alone, as far as its cloud knows them.
        upstreams: address ranges of the regions that this one's links dial; none without links.
        upstream_ports: AMQPS ports of the regions that this one's links dial; none without links.
        advertise: address to use instead of the load balancer's.
        management: the management page's ingress; None without.
        protect: refuse to delete what holds messages.
    """

    context: Context
    region: str
    settings: BrokerSettings
    authority: CertificateAuthority
    tls: Tls
    boot_definitions: pulumi.Input[str]
    links: Mapping[str, Certificate] = field(default_factory=dict)
    storage_class: pulumi.Input[str] | None = None
    service_annotations: Mapping[str, pulumi.Input[str]] = field(
        default_factory=dict[str, pulumi.Input[str]]
    )
    allowed_sources: Sequence[pulumi.Input[str]] = field(default_factory=tuple)
    pods: Sequence[str] = ()
    upstreams: Sequence[pulumi.Input[str]] = ()
    upstream_ports: Sequence[int] = ()
    advertise: Advertise | None = None
    management: ManagementSettings | None = None
    protect: bool = False


class Broker(pulumi.ComponentResource):
    """A RabbitMQ cluster.

    Attributes:
        names: of its objects.
        host: address under which other regions and clients reach it (IP or DNS name).
        port: AMQPS port at that address.
        server_name: DNS name in its certificate, for TLS verification whatever the address.
        certificate: the server certificate.
        cluster: the StatefulSet; depend on it to run after the brokers are ready.
    """

    names: BrokerNames
    host: pulumi.Output[str]
    port: int
    server_name: str
    certificate: Certificate
    cluster: apps.v1.StatefulSet

    def __init__(
        self, name: str, args: BrokerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:broker:Broker", name, None, opts)
        self._args = args
        self.names = names = BrokerNames(args.context.namespace)
        labels = args.context.labels("broker", args.region)
        child = pulumi.ResourceOptions(parent=self)

        access = service_account(name, args.settings, names, labels, child)
        headless = nodes_service(name, names, labels, child)
        client_service(name, names, labels, child)
        entry = entry_service(
            name,
            args.settings,
            names,
            labels,
            args.service_annotations,
            args.allowed_sources,
            child,
        )
        self._refuse_other_traffic(name, labels, child)
        self._management(name, labels, child)
        self.server_name = args.context.host(args.region)
        self._address(entry)
        self.certificate = self._server_certificate(name)
        config = self._config(name, child)
        secrets = self._secrets(name, child)
        policy.v1.PodDisruptionBudget(
            name,
            metadata=self._metadata(names.name),
            spec=policy.v1.PodDisruptionBudgetSpecArgs(
                max_unavailable=1, selector=meta.v1.LabelSelectorArgs(match_labels=labels)
            ),
            opts=child,
        )
        self.cluster = self._stateful_set(
            name, labels, config, pulumi.ResourceOptions(depends_on=[*access, headless, *secrets])
        )
        self.register_outputs(
            {"host": self.host, "port": self.port, "server_name": self.server_name}
        )

    def _metadata(self, name: str) -> meta.v1.ObjectMetaArgs:
        return meta.v1.ObjectMetaArgs(
            name=name,
            namespace=self.names.namespace,
            labels=self._args.context.labels("broker", self._args.region),
        )

    def _refuse_other_traffic(
        self, name: str, labels: Mapping[str, str], child: pulumi.ResourceOptions
    ) -> None:
        args = self._args
        if not args.settings.network_policies:
            return
        keeps_addresses = args.settings.service.external_traffic_policy == "Local"
        NetworkPolicies(
            name,
            NetworkPoliciesArgs(
                namespace=self.names.namespace,
                labels=labels,
                # Where nodes rewrite addresses, the load balancer's source ranges are what is left.
                allowed_sources=args.allowed_sources if keeps_addresses else [EVERYWHERE],
                pods=[*args.settings.service.pods, *args.pods],
                upstreams=args.upstreams,
                upstream_ports=args.upstream_ports,
                ingress_namespace=(
                    args.management.controller_namespace if args.management else None
                ),
                kubernetes_api=not args.settings.at_least(4, 1),
            ),
            child,
        )

    def _management(
        self, name: str, labels: Mapping[str, str], child: pulumi.ResourceOptions
    ) -> None:
        args = self._args
        if args.management is None:
            return
        authority = f"{self.names.name}-ca"
        core.v1.Secret(
            f"{name}-ca",
            metadata=self._metadata(authority),
            string_data={"ca.crt": args.authority.certificate},
            opts=child,
        )
        ManagementIngress(
            name,
            ManagementIngressArgs(
                names=self.names,
                labels=labels,
                settings=args.management,
                certificate_authority=f"{self.names.namespace}/{authority}",
            ),
            child,
        )

    def _address(self, entry: core.v1.Service) -> None:
        advertise = self._args.advertise
        if advertise is not None:
            self.host, self.port = pulumi.Output.from_input(advertise.host), advertise.port
            return
        inside = f"{self.names.entry_service}.{self.names.namespace}.svc.cluster.local"
        self.port = AMQPS_PORT
        if self._args.settings.service.type == "LoadBalancer":
            self.host = entry_host(entry, inside)
        else:
            self.host = pulumi.Output.from_input(inside)

    def _server_certificate(self, name: str) -> Certificate:
        args = self._args
        stable = [
            self.server_name,
            args.context.global_name,
            *self.names.certificate_names(),
        ]
        return Certificate(
            f"{name}-server",
            CertificateArgs(
                authority=args.authority,
                # Whoever shows a certificate of ours is the user of its common name: this has a space, as
                # no user's name may. Clients go by the names below.
                common_name=f"server of {args.region}",
                # Brokers of before their distribution had a CA of its own are one another's clients by
                # this one, until they restart.
                uses=["server_auth", "client_auth"],
                validity_hours=duration_seconds(args.tls.certificate_validity) // 3600,
                renewal_hours=duration_seconds(args.tls.renew_before) // 3600,
                dns_names=self.host.apply(
                    lambda host: stable if _is_address(host) or host in stable else [*stable, host]
                ),
                ip_addresses=self.host.apply(lambda host: [host] if _is_address(host) else []),
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _config(self, name: str, child: pulumi.ResourceOptions) -> Mapping[str, str]:
        args = self._args
        files = configuration.files(
            args.settings, self.names, args.context.cluster_name(args.region)
        )
        core.v1.ConfigMap(
            f"{name}-config",
            metadata=self._metadata(f"{self.names.name}-config"),
            data=files,
            opts=child,
        )
        return files

    def _secrets(self, name: str, child: pulumi.ResourceOptions) -> list[pulumi.Resource]:
        args, base = self._args, self.names.name
        cookie = random.RandomPassword(
            f"{name}-cookie",
            length=64,
            special=False,
            opts=pulumi.ResourceOptions(parent=self),
        )
        distribution = Distribution(
            name,
            DistributionArgs(args.context, args.region, self.names, args.tls),
            pulumi.ResourceOptions(parent=self),
        )
        ca = args.authority.certificate
        link_files: dict[str, pulumi.Input[str]] = {"ca.crt": ca}
        for link, certificate in args.links.items():
            link_files[f"{link}.crt"] = certificate.certificate
            link_files[f"{link}.key"] = certificate.private_key
        contents: dict[str, dict[str, pulumi.Input[str]]] = {
            "cookie": {".erlang.cookie": cookie.result},
            "boot": {"definitions.json": args.boot_definitions},
            "tls": {
                "ca.crt": ca,
                "tls.crt": self.certificate.certificate,
                "tls.key": self.certificate.private_key,
            },
            "distribution": {**distribution.files()},
            "links": link_files,
        }
        return [
            core.v1.Secret(
                f"{name}-{suffix}",
                metadata=self._metadata(f"{base}-{suffix}"),
                type="kubernetes.io/tls" if "tls.crt" in data else "Opaque",
                string_data=data,
                opts=child,
            )
            for suffix, data in contents.items()
        ]

    def _stateful_set(
        self,
        name: str,
        labels: dict[str, str],
        files: Mapping[str, str],
        after: pulumi.ResourceOptions,
    ) -> apps.v1.StatefulSet:
        args, names = self._args, self.names
        # Plain text of a digest: it tells of a change without telling the secret.
        checksum = pulumi.Output.unsecret(
            pulumi.Output.from_input(args.boot_definitions).apply(
                lambda boot: hashlib.sha256(json.dumps([files, boot]).encode()).hexdigest()[:16]
            )
        )
        return apps.v1.StatefulSet(
            name,
            metadata=self._metadata(names.name),
            spec=apps.v1.StatefulSetSpecArgs(
                service_name=names.nodes_service,
                replicas=args.settings.replicas,
                # All at once: after a full stop, nodes wait for one another and must start together.
                pod_management_policy="Parallel",
                update_strategy=apps.v1.StatefulSetUpdateStrategyArgs(type="RollingUpdate"),
                selector=meta.v1.LabelSelectorArgs(match_labels=labels),
                template=pod_template(args.settings, names, labels, checksum),
                persistent_volume_claim_retention_policy=(
                    apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicyArgs(
                        when_deleted="Retain", when_scaled="Retain"
                    )
                ),
                volume_claim_templates=[
                    core.v1.PersistentVolumeClaimArgs(
                        metadata=meta.v1.ObjectMetaArgs(name="data", labels=labels),
                        spec=core.v1.PersistentVolumeClaimSpecArgs(
                            access_modes=["ReadWriteOnce"],
                            storage_class_name=args.storage_class,
                            resources=core.v1.VolumeResourceRequirementsArgs(
                                requests={"storage": args.settings.storage}
                            ),
                        ),
                    )
                ],
            ),
            opts=pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions(parent=self, protect=args.protect), after
            ),
        )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
