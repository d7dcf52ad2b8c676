"""Settings of the management page's way out of the cluster. Off unless asked for."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from components.settings.everybody import everybody
from components.settings.values import Cidr, DnsName, Label, LabelKey, Model


class ManagementIngress(Model):
    """An ingress for RabbitMQ's management page: by host name, with TLS, from named ranges only."""

    host: DnsName = Field(description="Name that the page is served under.")
    ingress_class: Label = Field(default="nginx", description="Class of the ingress controller.")
    controller_namespace: Label = Field(
        default="ingress-nginx",
        description="Namespace of the controller, which may reach the page.",
    )
    tls_secret: Label = Field(
        description="Existing TLS secret in the brokers' namespace, of a CA that browsers trust."
    )
    allowed_sources: list[Cidr] = Field(
        min_length=1, description="Address ranges of the operators; the page is never open to all."
    )
    annotations: dict[LabelKey, str] = Field(
        default_factory=dict, description="Further annotations; they win over warren's."
    )

    @model_validator(mode="after")
    def _not_everyone(self) -> Self:
        for number, cidr in enumerate(self.allowed_sources):
            if cidr in ("0.0.0.0/0", "::/0"):
                raise ValueError(
                    f"allowed_sources[{number}]: {cidr} opens the management page to the Internet; "
                    "give the ranges of your operators"
                )
        if everybody(self.allowed_sources):
            raise ValueError(
                "allowed_sources: together these open the management page to the Internet; "
                "give the ranges of your operators"
            )
        return self
