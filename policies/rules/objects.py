"""Kubernetes objects beside pods: namespaces, secrets, roles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from policies.model import Resource, Rule
from policies.reading import at, maps, texts, unknown

_ENFORCE = "pod-security.kubernetes.io/enforce"


def _pod_security(resource: Resource, _: bool) -> Iterator[str]:
    labels = at(resource.inputs, "metadata.labels")
    if unknown(labels):
        return
    level = labels.get(_ENFORCE) if isinstance(labels, dict) else None
    if level != "restricted" and not unknown(level):
        yield f"the namespace enforces Pod Security '{level or 'of no level'}'"


def _plain_secret(resource: Resource, _: bool) -> Iterator[str]:
    if not resource.secrets_known:
        return
    for key in ("data", "stringData"):
        held = resource.inputs.get(key)
        for name, value in (cast("dict[str, Any]", held) if isinstance(held, dict) else {}).items():
            # A certificate is public, whatever object carries it.
            if name.endswith((".crt", ".pem")) and "PRIVATE KEY" not in str(value):
                continue
            if not resource.is_secret(f"{key}.{name}"):
                yield f"{key}.{name} is not marked secret and would be plain text in the state"


def _key_in_config(resource: Resource, _: bool) -> Iterator[str]:
    held = resource.inputs.get("data")
    for name, value in (cast("dict[str, Any]", held) if isinstance(held, dict) else {}).items():
        if "PRIVATE KEY-----" in str(value) or "password_hash" in str(value):
            yield f"data.{name} holds a key or password, and is a ConfigMap"


def _wildcard(resource: Resource, _: bool) -> Iterator[str]:
    for rule in maps(resource.inputs.get("rules")):
        for key in ("verbs", "resources", "apiGroups"):
            if "*" in texts(rule.get(key)):
                yield f"a rule of the role has '*' among its {key}"


RULES = (
    Rule(
        "namespace-pod-security",
        "mandatory",
        "Namespaces enforce the Pod Security level 'restricted'.",
        f"Label the namespace {_ENFORCE}: restricted.",
        ("kubernetes:core/v1:Namespace",),
        _pod_security,
    ),
    Rule(
        "secret-marked",
        "mandatory",
        "What goes into a Secret is marked secret, so that the state holds it encrypted.",
        "Pass the value through pulumi.Output.secret, or list it in additional_secret_outputs.",
        ("kubernetes:core/v1:Secret",),
        _plain_secret,
    ),
    Rule(
        "no-secret-in-configmap",
        "mandatory",
        "ConfigMaps hold neither keys nor passwords.",
        "Put it into a Secret.",
        ("kubernetes:core/v1:ConfigMap",),
        _key_in_config,
    ),
    Rule(
        "role-no-wildcard",
        "mandatory",
        "Roles name what they allow.",
        "Write out the verbs, resources and API groups that are needed.",
        (
            "kubernetes:rbac.authorization.k8s.io/v1:Role",
            "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
        ),
        _wildcard,
    ),
)
