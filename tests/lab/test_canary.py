"""No generated value is printed or lies in an object that is no Secret, plain or in base64.

The values are the state's own: every password, key and cookie that was generated, and the hashes that
are made of them. Where they belong they are found, so that a search that finds nothing proves something.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.conftest import ROOT, warren
from tests.lab.kube import cluster
from tests.lab.messaging import Estate

pytestmark = pytest.mark.lab

EMBEDDED = ("--stack", "dev", "--engine", "embedded")
REGIONS = ("east", "west")
PRINTED = {
    "plan": ("plan", "--stack", "dev"),
    "plan, all of it": ("plan", "--stack", "dev", "--json", "--all"),
    "plan against": ("plan", "--stack", "dev", "--against", "HEAD", "--markdown"),
    "status": ("status", *EMBEDDED),
    "status for machines": ("status", "--json", *EMBEDDED),
    "outputs": ("outputs", "--json", *EMBEDDED),
    "up": ("up", *EMBEDDED),
}
KINDS = {
    "api/v1": ("configmaps", "endpoints", "events", "persistentvolumeclaims", "pods", "services"),
    "apis/apps/v1": ("statefulsets", "controllerrevisions"),
    "apis/batch/v1": ("jobs",),
    "apis/networking.k8s.io/v1": ("networkpolicies", "ingresses"),
    "apis/policy/v1": ("poddisruptionbudgets",),
    "apis/rbac.authorization.k8s.io/v1": ("roles", "rolebindings"),
    "apis/discovery.k8s.io/v1": ("endpointslices",),
}


@pytest.fixture(scope="module")
def generated(estate: Estate) -> dict[str, str]:
    """Every generated value by the name of what it is of."""
    del estate
    state: dict[str, Any] = json.loads((ROOT / ".warren" / "dev" / "state.json").read_text())
    found = {
        f"{entry['name']}.{key}": value
        for entry in state["resources"]
        if entry["type"].startswith(("random:", "tls:index/privateKey"))
        for key, value in _texts(entry["outputs"])
        if "public" not in key.lower() and len(value) >= 20
    }
    assert len([name for name in found if name.endswith("result")]) >= 7, "passwords and cookies"
    assert any("PRIVATE KEY" in value for value in found.values())
    return found


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, str(key) if key != "value" else path)
    elif isinstance(value, str) and path != "4dabf18193072939515e22adb298388d":
        yield path, value


def forms(value: str) -> list[str]:
    """The value as it may appear: a line of a key, and base64 wherever in a longer text it begins."""
    lines = [line for line in value.splitlines() if line and "-----" not in line]
    found = [max(lines, key=len)]
    for offset in range(3):
        coded = base64.b64encode(b"x" * offset + value.encode()).decode()
        found.append(coded[8:-8] if len(coded) > 48 else coded[4:-4])
    return found


def leaked(generated: dict[str, str], text: str) -> set[str]:
    return {name for name, value in generated.items() if any(form in text for form in forms(value))}


@pytest.mark.parametrize("name", PRINTED)
def test_nothing_generated_is_printed(generated: dict[str, str], name: str) -> None:
    done = warren(*PRINTED[name])
    assert done.stdout, done.stderr
    assert leaked(generated, done.stdout + done.stderr) == set()


def test_what_is_asked_for_is_found(estate: Estate, generated: dict[str, str]) -> None:
    """The search itself: outputs with secrets hold passwords, Secrets hold them and keys in base64."""
    shown = warren("outputs", "--json", "--show-secrets", *EMBEDDED)
    assert len(leaked(generated, shown.stdout)) >= 4
    namespace = estate.outputs["namespace"]
    held = cluster(estate, "east").text("GET", f"/api/v1/namespaces/{namespace}/secrets")
    names = leaked(generated, held)
    assert any(generated[name].startswith("-----") for name in names)
    assert any(len(generated[name]) == 32 for name in names)


@pytest.mark.parametrize("region", REGIONS)
def test_no_object_but_a_secret_holds_a_generated_value(
    estate: Estate, generated: dict[str, str], region: str
) -> None:
    api, namespace = cluster(estate, region), estate.outputs["namespace"]
    for group, kinds in KINDS.items():
        for kind in kinds:
            text = api.text("GET", f"/{group}/namespaces/{namespace}/{kind}")
            assert leaked(generated, text) == set(), kind


@pytest.mark.parametrize("region", REGIONS)
def test_no_log_holds_a_generated_value(
    estate: Estate, generated: dict[str, str], region: str
) -> None:
    api, namespace = cluster(estate, region), estate.outputs["namespace"]
    path = f"/api/v1/namespaces/{namespace}/pods"
    pods = [item["metadata"]["name"] for item in api.request("GET", path)["items"]]
    assert any(name.startswith("rabbitmq-topology") for name in pods)
    for pod in pods:
        assert leaked(generated, api.text("GET", f"{path}/{pod}/log")) == set(), pod
