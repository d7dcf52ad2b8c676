"""Records what a program registers, options included, without an engine, a provider or a network.

The SDK's mock monitor passes resource options over (protect, retainOnDelete, ...), so this one
keeps the whole request. It answers with what the clouds would: identifiers, addresses,
certificates.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import pulumi
import yaml
from pulumi.runtime import mocks, rpc, settings

from warren.sdk import runtime as sdk_runtime

PROJECT, STACK = "warren", "test"
UNKNOWN = "(known after up)"
SECRET = "(secret)"
PRIVATE_KEY = "-----BEGIN PRIVATE KEY-----"
PASSWORD = "password-of-"
"""What the answers' private keys and passwords begin with, so that a test can look for them."""


@dataclass(frozen=True)
class Recorded:
    """One registration.

    Attributes:
        inputs: as the engine gets them; unknown values are `UNKNOWN`, secrets are laid bare.
        seen: the same, with `SECRET` in the place of secrets: what logs and previews show.
        on_error: names of the hooks that may have a failed operation tried again.
        secrets: top-level inputs that hold a secret.
    """

    type: str
    name: str
    urn: str
    parent: str
    provider: str
    protect: bool
    retain: bool
    ignored: tuple[str, ...]
    on_error: tuple[str, ...]
    depends_on: tuple[str, ...]
    inputs: dict[str, Any]
    seen: dict[str, Any]
    secrets: frozenset[str]
    custom: bool

    @property
    def provider_name(self) -> str:
        """Logical name of the provider that manages it."""
        return self.provider.rsplit("::", 2)[-2] if "::" in self.provider else ""


@dataclass
class Recording:
    """Everything that a program registered."""

    resources: list[Recorded] = field(default_factory=list)

    def of(self, type_: str) -> list[Recorded]:
        """Registrations of a type, in order of their names."""
        found = [item for item in self.resources if item.type == type_]
        return sorted(found, key=lambda item: item.name)

    def one(self, type_: str, name: str | None = None) -> Recorded:
        """The one registration of a type (and name)."""
        found = [item for item in self.of(type_) if name is None or item.name == name]
        assert len(found) == 1, f"{len(found)} of {type_} {name or ''}"
        return found[0]

    def custom(self) -> Iterator[Recorded]:
        """Registrations that a provider would make, providers themselves left out."""
        for item in self.resources:
            if item.custom and not item.type.startswith("pulumi:providers:"):
                yield item

    def by_urn(self) -> dict[str, Recorded]:
        """Registrations by their URN, components included."""
        return {item.urn: item for item in self.resources}


class Monitor(mocks.MockMonitor):
    """Keeps requests whole."""

    def __init__(self, *, preview: bool) -> None:
        super().__init__(Answers(preview=preview))
        self.recording = Recording()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the SDK's name
        response = super().RegisterResource(request)
        if request.type != "pulumi:pulumi:Stack":
            raw = rpc.deserialize_properties(request.object, keep_unknowns=True)
            self.recording.resources.append(
                Recorded(
                    type=request.type,
                    name=request.name,
                    urn=response.urn,
                    parent=request.parent,
                    provider=request.provider,
                    protect=request.protect,
                    retain=request.retainOnDelete,
                    ignored=tuple(request.ignoreChanges),
                    on_error=tuple(request.hooks.on_error),
                    depends_on=tuple(request.dependencies),
                    inputs=_bare(raw),
                    seen=_seen(raw),
                    secrets=frozenset(key for key, value in raw.items() if _secret(value)),
                    custom=request.custom,
                )
            )
        return response


class Answers(mocks.Mocks):
    """What the clouds would answer, where the program reads it; in a preview, nothing."""

    def __init__(self, *, preview: bool) -> None:
        self._preview = preview

    def new_resource(
        self, args: pulumi.runtime.MockResourceArgs
    ) -> tuple[str | None, dict[str, Any]]:
        if self._preview:
            return "", args.inputs
        state = _mapped({**args.inputs, **self._answer(args.typ, args.name)})
        return (f"{args.name}-id" if args.custom else None, state)

    def call(
        self, args: pulumi.runtime.MockCallArgs
    ) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        if args.token == "aws:eks/getAddonVersion:getAddonVersion":
            version = f"v1-of-{args.args['addonName']}-for-{args.args['kubernetesVersion']}"
            return {**args.args, "version": version}, []
        assert not self._preview, f"{args.token} is asked of a cluster that is not there yet"
        if args.token == "azure-native:containerservice:listManagedClusterUserCredentials":
            document = {"clusters": [{"cluster": {"certificate-authority-data": "Q0E="}}]}
            value = base64.b64encode(yaml.safe_dump(document).encode()).decode()
            return {"kubeconfigs": [{"name": "clusterUser", "value": value}]}, []
        raise AssertionError(f"unexpected call {args.token}")

    @staticmethod
    def _answer(type_: str, name: str) -> dict[str, Any]:
        package, module, *_ = type_.split(":")
        if package == "azure-native":
            answer: dict[str, Any] = {"name": name}
        elif package == "aws":
            answer = {"arn": f"arn:aws:{module.split('/')[0]}:::{name}", "name": name}
        else:
            answer = {}
        return {**answer, **known_after(type_, name)}


def known_after(type_: str, name: str) -> dict[str, Any]:
    """Outputs of the types whose outputs the program reads."""
    # Of the name, so that the same resource of two programs has the same address.
    number = zlib.crc32(f"{type_}/{name}".encode())
    ip = f"198.18.{number >> 8 & 255}.{number & 255}"
    key = f"https://vault.test/keys/{name}"
    tls = ("certPem", "privateKeyPem", "certRequestPem", "publicKeyPem")
    address = {"loadBalancer": {"ingress": [{"ip": ip}]}}
    outputs: dict[str, dict[str, Any]] = {
        "aws:ec2/eip:Eip": {
            "publicIp": ip,
            "allocationId": f"eipalloc-{name}",
        },
        "aws:ec2/launchTemplate:LaunchTemplate": {"latestVersion": 1},
        "aws:eks/cluster:Cluster": {
            "endpoint": f"https://{name}.eks.test",
            "certificateAuthority": {"data": "Q0E="},
            "vpcConfig": {"clusterSecurityGroupId": f"sg-{name}"},
        },
        "aws:route53/zone:Zone": {"zoneId": f"Z{name}", "nameServers": ["ns1.test"]},
        "azure-native:network:PublicIPAddress": {"ipAddress": ip},
        "azure-native:keyvault:Key": {"keyUri": key, "keyUriWithVersion": f"{key}/1"},
        "azure-native:containerservice:ManagedCluster": {
            "fqdn": f"{name}.aks.test",
            "privateFqdn": f"{name}.private.test",
        },
        "azure-native:managedidentity:UserAssignedIdentity": {"principalId": f"{name}-principal"},
        "azure-native:dns:Zone": {"nameServers": ["ns1.test"]},
        "gcp:compute/address:Address": {
            "address": ip,
            "selfLink": f"link-{name}",
            "name": f"{name}-name",
        },
        "gcp:serviceaccount/account:Account": {"email": f"{name}@test.iam.gserviceaccount.com"},
        "gcp:container/cluster:Cluster": {
            "endpoint": "198.18.0.1",
            "masterAuth": {"clusterCaCertificate": "Q0E="},
        },
        "gcp:dns/managedZone:ManagedZone": {"nameServers": ["ns1.test"], "name": name},
        "kubernetes:core/v1:Service": {"status": address},
        "random:index/randomString:RandomString": {"result": f"{number % 36**6:06x}"[-6:]},
        "random:index/randomPassword:RandomPassword": {"result": f"{PASSWORD}{name}"},
    }
    if type_.startswith("tls:"):
        private = f"{PRIVATE_KEY} of {name}"
        return {
            **{output: f"{output} of {name}" for output in tls},
            "privateKeyPem": private,
            "privateKeyPemPkcs8": private,
        }
    return outputs.get(type_, {})


def record(program: Callable[[], object], *, preview: bool = False) -> Recording:
    """Runs `program` and gives what it registered."""
    monitor = Monitor(preview=preview)
    outputs = sdk_runtime.Outputs()
    cast("Any", settings.SETTINGS).outputs = outputs
    mocks.set_mocks(monitor.mocks, project=PROJECT, stack=STACK, preview=preview, monitor=monitor)

    @mocks.test
    def run() -> None:
        program()

    # For the time that it saves; tests/unit/sdk/test_runtime.py shows that it changes nothing.
    with sdk_runtime.replaced(outputs):
        run()
    return monitor.recording


def document(text: object) -> Any:
    """JSON as data."""
    assert isinstance(text, str), text
    return json.loads(text)


def _mapped(state: Any) -> Any:
    """Azure is given a list of identities and answers with a mapping."""
    if isinstance(state, dict):
        return {
            key: {item: {} for item in value}
            if key == "userAssignedIdentities" and isinstance(value, list)
            else _mapped(value)
            for key, value in state.items()
        }
    return [_mapped(item) for item in state] if isinstance(state, list) else state


def _bare(value: Any) -> Any:
    if isinstance(value, pulumi.output.Unknown):
        return UNKNOWN
    if rpc.is_rpc_secret(value):
        return _bare(rpc.unwrap_rpc_secret(value))
    if isinstance(value, dict):
        return {key: _bare(item) for key, item in value.items()}
    return [_bare(item) for item in value] if isinstance(value, list) else value


def _seen(value: Any) -> Any:
    if rpc.is_rpc_secret(value):
        return SECRET
    if isinstance(value, pulumi.output.Unknown):
        return UNKNOWN
    if isinstance(value, dict):
        return {key: _seen(item) for key, item in value.items()}
    return [_seen(item) for item in value] if isinstance(value, list) else value


def _secret(value: Any) -> bool:
    return bool(rpc.is_rpc_secret(value))
