"""What a version of program and config amounts to, in a form that two versions are compared in.

An offline plan knows little of what hangs on passwords, certificates and addresses, and that is much of
what a reviewer asks about: definitions, checksums, allowed ranges. So here these have stand-ins, the same
in both versions as long as what they are made from is the same. Nothing is asked of anybody.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from warren.runs.project import Project
from warren.sdk import packages as sdk_packages
from warren.sdk.program import Registered, Registration, run
from warren.values import Properties, is_secret, is_unknown, mask, reveal, secret

_FACTS = ("domain", "namespace", "primary", "epoch")
"""Outputs that say something of the estate as a whole."""

_ADDRESSES = {
    "aws:ec2/eip:Eip": "publicIp",
    "azure-native:network:PublicIPAddress": "ipAddress",
    "gcp:compute/address:Address": "address",
}
_GENERATED = {
    "random:index/randomPassword:RandomPassword": ("result",),
    "random:index/randomString:RandomString": ("result",),
    "tls:index/privateKey:PrivateKey": ("privateKeyPem", "privateKeyPemPkcs8", "publicKeyPem"),
    "tls:index/certRequest:CertRequest": ("certRequestPem",),
    "tls:index/locallySignedCert:LocallySignedCert": ("certPem",),
    "tls:index/selfSignedCert:SelfSignedCert": ("certPem",),
}

_SECTIONS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "vhosts": lambda x: f"{x['name']}",
    "users": lambda x: f"{x['name']}",
    "permissions": lambda x: f"{x['user']} in {x['vhost']}",
    "exchanges": lambda x: f"{x['vhost']}/{x['name']}",
    "queues": lambda x: f"{x['vhost']}/{x['name']}",
    "policies": lambda x: f"{x['vhost']}/{x['name']}",
    "parameters": lambda x: f"{x['component']} {x['vhost']}/{x['name']}",
    "bindings": lambda x: (
        f"{x['vhost']}/{x['source']} -> {x['destination']} by '{x['routing_key']}'"
    ),
}
"""Sections of RabbitMQ's definitions, and what names an entry of each. All of it is written in the stack's
file, but for the hashes of passwords."""


class Assuming:
    """Answers registrations with stand-ins for what others are made from; the rest stays unknown."""

    def register(self, registration: Registration) -> Registered:
        """The inputs, and stand-ins."""
        if not registration.custom:
            return Registered("", {})
        return Registered("", {**registration.inputs, **_assumed(registration)})

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """Providers are not asked."""
        del token, arguments
        return {}


def _assumed(item: Registration) -> Properties:
    if item.type in _ADDRESSES:
        return {_ADDRESSES[item.type]: f"(address of {item.name})"}
    if item.type in _GENERATED:
        made_from = hashlib.sha256(json.dumps(item.inputs, sort_keys=True).encode()).hexdigest()
        return {
            output: f"({output} of {item.name}, {made_from[:12]})"
            for output in _GENERATED[item.type]
        }
    if item.type == "kubernetes:core/v1:Service":
        ingress = [{"ip": f"(address of {item.name})"}]
        return {"status": {"loadBalancer": {"ingress": ingress}}}
    return {}


def describe(project: Project, salt: str, *, judged: bool = False) -> dict[str, Any]:
    """Everything that the project registers from nothing, and its regions and links.

    Secrets are replaced by digests that only descriptions of the same salt can be compared by.

    Args:
        project: the version.
        salt: known to the comparing process and its children alone.
        judged: whether it is held against the policies and the SDKs too.
    """
    # Before the program runs, which puts its own version's modules in front.
    judge = _judge() if judged else None
    sdk_packages.install()
    result = run(project, Assuming(), dry_run=True)
    outputs = cast("dict[str, Any]", mask(result.outputs))
    return {
        "resources": [
            {
                "urn": item.urn,
                "type": item.type,
                "name": item.name,
                "provider": item.provider.rpartition("::")[2],
                "protect": item.protect,
                "retain": item.retain_on_delete,
                "inputs": _prepared(item, salt),
            }
            for item in result.registrations
            if item.custom
        ],
        "facts": {key: outputs.get(key) for key in _FACTS},
        "regions": {
            name: {key: region.get(key) for key in ("cloud", "role", "replicas")}
            for name, region in (outputs.get("regions") or {}).items()
        },
        "links": [
            {key: link.get(key) for key in ("name", "kind", "from", "to", "vhost")}
            for link in outputs.get("links") or []
        ],
        "violations": judge(result.registrations, project.production) if judge else None,
    }


def _judge() -> Callable[[Sequence[Registration], bool], list[dict[str, Any]]]:
    from warren.plan.model import Step
    from warren.plan.policies import judged

    def judge(registrations: Sequence[Registration], production: bool) -> list[dict[str, Any]]:
        steps = [
            Step(
                "create",
                item.urn,
                item.type,
                item.name,
                item.parent,
                item.custom,
                item.inputs,
                protect=item.protect,
            )
            for item in registrations
        ]
        return [item.to_json() for item in judged(steps, production=production).violations]

    return judge


def _prepared(item: Registration, salt: str) -> dict[str, Any]:
    inputs = cast("dict[str, Any]", _hidden(item.inputs, salt))
    if item.type == "kubernetes:core/v1:Secret":
        for place in ("stringData", "data"):
            content = reveal(item.inputs.get(place))
            if isinstance(content, dict):
                inputs[place] = _secret_content(cast("dict[str, Any]", content), salt)
    return inputs


def _hidden(value: Any, salt: str) -> Any:
    if is_secret(value):
        return secret(_digest(reveal(value), salt))
    if isinstance(value, dict):
        return {key: _hidden(item, salt) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_hidden(item, salt) for item in cast("list[Any]", value)]
    return value


def _secret_content(content: Mapping[str, Any], salt: str) -> dict[str, Any]:
    """A Secret's keys are no secret; what definitions declare is none either."""
    shown: dict[str, Any] = {}
    for key, value in content.items():
        if key == "definitions.json" and isinstance(value, str) and not is_unknown(value):
            shown[key] = _definitions(value, salt)
        else:
            shown[key] = secret(_digest(value, salt))
    return shown


def _definitions(text: str, salt: str) -> dict[str, Any]:
    document = cast("dict[str, list[dict[str, Any]]]", json.loads(text))
    shown: dict[str, Any] = {}
    for section, entries in document.items():
        if section not in _SECTIONS:
            shown[section] = secret(_digest(entries, salt))
            continue
        for entry in entries:
            content = dict(entry)
            if content.get("password_hash"):
                content["password_hash"] = secret(_digest(content["password_hash"], salt))
            shown[f"{section}[{_SECTIONS[section](entry)}]"] = content
    return shown


def _digest(value: Any, salt: str) -> str:
    text = json.dumps(value, sort_keys=True)
    return hmac.new(salt.encode(), text.encode(), hashlib.sha256).hexdigest()
