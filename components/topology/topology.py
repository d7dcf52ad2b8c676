"""`warren:topology:Topology`: brings a region's definitions document into its running brokers.

A Kubernetes Job does it, inside the cluster: reaching the region's Kubernetes API is enough, and the
management port stays closed to the world. A document that the broker refuses fails the Job, and so
`up`. The Job is named by the document, so that a changed one runs and an unchanged one does not.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import pulumi
from pulumi_kubernetes import batch, core, meta

from components.broker.broker import Broker
from components.broker.names import MANAGEMENT_PORT
from components.broker.pod import container_security, pod_security
from components.context import Context
from components.settings.broker import Broker as BrokerSettings
from components.settings.users import secret_name
from components.topology.users import ADMIN

_SOURCE = files("components.topology") / "erlang"


@functools.cache
def program() -> Mapping[str, str]:
    """The job's program by file name: an escript and the Erlang modules that it compiles as it starts."""
    modules = [file for file in (_SOURCE / "src").iterdir() if file.name.endswith(".erl")]
    return {
        file.name: file.read_text("utf-8")
        for file in sorted([_SOURCE / "reconcile.escript", *modules], key=lambda file: file.name)
    }


@dataclass(frozen=True)
class TopologyArgs:
    """What is brought into which broker.

    Attributes:
        context: of the stack.
        region: name of the region.
        settings: the region's broker settings; the job runs in the broker's image.
        broker: the running cluster.
        document: the definitions (JSON, secret).
        passwords: of the users, by name; each gets a Secret in the region for its application.
        certificate_authority: CA certificate (PEM), given to applications beside the password.
        vhosts: names of the declared vhosts, for the applications' Secrets.
    """

    context: Context
    region: str
    settings: BrokerSettings
    broker: Broker
    document: pulumi.Output[str]
    passwords: Mapping[str, pulumi.Output[str]]
    certificate_authority: pulumi.Output[str]
    vhosts: tuple[str, ...]


class Topology(pulumi.ComponentResource):
    """Definitions, applied.

    Attributes:
        digest: first half of the document's SHA-256; not secret.
    """

    digest: pulumi.Output[str]

    def __init__(
        self, name: str, args: TopologyArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:topology:Topology", name, None, opts)
        self._args = args
        self._labels = args.context.labels("topology", args.region)
        child = pulumi.ResourceOptions(parent=self)
        sources = program()
        code = json.dumps(dict(sources))
        self.digest = pulumi.Output.unsecret(
            args.document.apply(lambda text: hashlib.sha256((code + text).encode()).hexdigest())
        ).apply(lambda digest: digest[:10])
        users = self._user_secrets(name, child)
        document = core.v1.Secret(
            f"{name}-definitions",
            metadata=self._metadata("rabbitmq-definitions"),
            string_data={"definitions.json": args.document},
            opts=child,
        )
        script = core.v1.ConfigMap(
            f"{name}-reconcile",
            metadata=self._metadata("rabbitmq-reconcile"),
            data=sources,
            opts=child,
        )
        self._job(
            name,
            pulumi.ResourceOptions(
                parent=self,
                depends_on=[args.broker.cluster, document, script, users[ADMIN]],
                # The old job's name may come back with an old document; make room for it.
                delete_before_replace=True,
            ),
        )
        self.register_outputs({"digest": self.digest})

    def _metadata(self, name: pulumi.Input[str]) -> meta.v1.ObjectMetaArgs:
        return meta.v1.ObjectMetaArgs(
            name=name, namespace=self._args.context.namespace, labels=self._labels
        )

    def _user_secrets(self, name: str, child: pulumi.ResourceOptions) -> dict[str, core.v1.Secret]:
        """One Secret a user, in the form of the Service Binding specification."""
        args = self._args
        host = f"{args.broker.names.client_service}.{args.context.namespace}.svc"
        return {
            user: core.v1.Secret(
                f"{name}-user-{user}",
                metadata=self._metadata(secret_name(user)),
                type="servicebinding.io/rabbitmq",
                string_data={
                    "type": "rabbitmq",
                    "host": host,
                    "port": "5671",
                    "username": user,
                    "password": password,
                    "ca.crt": args.certificate_authority,
                    "virtual-hosts": json.dumps(list(args.vhosts)),
                },
                opts=child,
            )
            for user, password in args.passwords.items()
        }

    def _job(self, name: str, opts: pulumi.ResourceOptions) -> batch.v1.Job:
        args = self._args
        service = f"{args.broker.names.client_service}.{args.context.namespace}.svc"
        mounts = {
            "document": "/warren/document",
            "script": "/warren/script",
            "admin": "/warren/admin",
            "tls": "/warren/tls",
        }
        return batch.v1.Job(
            f"{name}-topology",
            metadata=self._metadata(
                self.digest.apply(lambda digest: f"rabbitmq-topology-{digest}")
            ),
            spec=batch.v1.JobSpecArgs(
                backoff_limit=4,
                active_deadline_seconds=600,
                template=core.v1.PodTemplateSpecArgs(
                    metadata=meta.v1.ObjectMetaArgs(labels=self._labels),
                    spec=core.v1.PodSpecArgs(
                        restart_policy="Never",
                        service_account_name=args.broker.names.name,
                        automount_service_account_token=False,
                        enable_service_links=False,
                        security_context=pod_security(),
                        image_pull_secrets=[
                            core.v1.LocalObjectReferenceArgs(name=name)
                            for name in args.settings.image_pull_secrets
                        ]
                        or None,
                        containers=[
                            core.v1.ContainerArgs(
                                name="reconcile",
                                image=args.settings.image,
                                image_pull_policy=args.settings.image_pull_policy,
                                command=[
                                    "escript",
                                    "/warren/script/reconcile.escript",
                                    f"https://{service}:{MANAGEMENT_PORT}",
                                    "/warren/document/definitions.json",
                                    "/warren/admin/password",
                                    "/warren/tls/ca.crt",
                                    ADMIN,
                                ],
                                env=[
                                    core.v1.EnvVarArgs(name="HOME", value="/tmp"),  # noqa: S108
                                    core.v1.EnvVarArgs(name="LANG", value="C.UTF-8"),
                                ],
                                resources=core.v1.ResourceRequirementsArgs(
                                    requests={"cpu": "20m", "memory": "64Mi"},
                                    limits={"memory": "256Mi"},
                                ),
                                security_context=container_security(),
                                volume_mounts=[
                                    *(
                                        core.v1.VolumeMountArgs(
                                            name=volume, mount_path=path, read_only=True
                                        )
                                        for volume, path in mounts.items()
                                    ),
                                    core.v1.VolumeMountArgs(name="tmp", mount_path="/tmp"),  # noqa: S108
                                ],
                            )
                        ],
                        volumes=self._volumes(),
                    ),
                ),
            ),
            opts=opts,
        )

    def _volumes(self) -> list[core.v1.VolumeArgs]:
        def secret(name: str, key: str) -> core.v1.SecretVolumeSourceArgs:
            return core.v1.SecretVolumeSourceArgs(
                secret_name=name,
                default_mode=0o440,
                items=[core.v1.KeyToPathArgs(key=key, path=key)],
            )

        return [
            core.v1.VolumeArgs(
                name="document", secret=secret("rabbitmq-definitions", "definitions.json")
            ),
            core.v1.VolumeArgs(
                name="script",
                config_map=core.v1.ConfigMapVolumeSourceArgs(name="rabbitmq-reconcile"),
            ),
            core.v1.VolumeArgs(name="admin", secret=secret(secret_name(ADMIN), "password")),
            core.v1.VolumeArgs(
                name="tls", secret=secret(f"{self._args.broker.names.name}-tls", "ca.crt")
            ),
            core.v1.VolumeArgs(name="tmp", empty_dir=core.v1.EmptyDirVolumeSourceArgs()),
        ]
