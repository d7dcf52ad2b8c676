"""`warren:broker:ManagementIngress`: RabbitMQ's management page under a host name.

AMQPS never comes this way: ingress controllers speak HTTP. TLS ends at the controller and begins
anew towards the brokers, whose certificate is checked against the stack's CA if it is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import meta, networking

from components.broker.names import MANAGEMENT_PORT, BrokerNames
from components.settings.management import ManagementIngress as Settings

_NGINX = "nginx.ingress.kubernetes.io"


@dataclass(frozen=True)
class ManagementIngressArgs:
    """What the ingress is made from.

    Attributes:
        names: of the broker's objects.
        labels: of the ingress.
        settings: of the page.
        certificate_authority: secret `namespace/name` with the CA (`ca.crt`) that signed the
            brokers' certificate; None leaves that check out.
    """

    names: BrokerNames
    labels: Mapping[str, str]
    settings: Settings
    certificate_authority: str | None = None


class ManagementIngress(pulumi.ComponentResource):
    """The page's ingress.

    Attributes:
        url: of the page.
    """

    url: str

    def __init__(
        self, name: str, args: ManagementIngressArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:broker:ManagementIngress", name, None, opts)
        settings, names = args.settings, args.names
        networking.v1.Ingress(
            name,
            metadata=meta.v1.ObjectMetaArgs(
                name=f"{names.name}-management",
                namespace=names.namespace,
                labels=dict(args.labels),
                annotations={**controller_annotations(args), **settings.annotations},
            ),
            spec=networking.v1.IngressSpecArgs(
                ingress_class_name=settings.ingress_class,
                tls=[
                    networking.v1.IngressTLSArgs(
                        hosts=[settings.host], secret_name=settings.tls_secret
                    )
                ],
                rules=[
                    networking.v1.IngressRuleArgs(
                        host=settings.host,
                        http=networking.v1.HTTPIngressRuleValueArgs(
                            paths=[
                                networking.v1.HTTPIngressPathArgs(
                                    path="/",
                                    path_type="Prefix",
                                    backend=networking.v1.IngressBackendArgs(
                                        service=networking.v1.IngressServiceBackendArgs(
                                            name=names.client_service,
                                            port=networking.v1.ServiceBackendPortArgs(
                                                number=MANAGEMENT_PORT
                                            ),
                                        )
                                    ),
                                )
                            ]
                        ),
                    )
                ],
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.url = f"https://{settings.host}/"
        self.register_outputs({"url": self.url})


def controller_annotations(args: ManagementIngressArgs) -> dict[str, str]:
    """What ingress-nginx needs: TLS on both sides, and requests from named ranges only."""
    service = f"{args.names.client_service}.{args.names.namespace}.svc"
    result = {
        f"{_NGINX}/backend-protocol": "HTTPS",
        f"{_NGINX}/force-ssl-redirect": "true",
        f"{_NGINX}/whitelist-source-range": ",".join(args.settings.allowed_sources),
        f"{_NGINX}/proxy-ssl-name": service,
        f"{_NGINX}/proxy-ssl-server-name": "on",
    }
    if args.certificate_authority is not None:
        result[f"{_NGINX}/proxy-ssl-secret"] = args.certificate_authority
        result[f"{_NGINX}/proxy-ssl-verify"] = "on"
    return result
