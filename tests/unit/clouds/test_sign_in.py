"""How a kubeconfig of ours gets its token: the real kubelogin, run without a network, and what
gke-gcloud-auth-plugin and the pipeline are told.

gke-gcloud-auth-plugin is no Go module that can be had from a proxy, so it is not run here. Its flags
are held against its source instead: kubernetes/cloud-provider-gcp, cmd/gke-gcloud-auth-plugin/cred.go
(`pflag.Bool("use_application_default_credentials", ...)`; `google.DefaultTokenSource` with it, `gcloud
config config-helper` without).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, get_args

import pytest

from components.clouds.azure.cluster import ENTRA_SERVER
from components.settings.clouds.azure import AzureRegion
from lab.parts import cache_root
from tests.unit.clouds.regions import REGIONS
from tests.unit.clouds.stacks import ROOT
from tests.unit.clouds.test_every_cloud import built

KUBELOGIN = "v0.2.21"
"""The newest that Go 1.26.8 builds."""
LOGINS: tuple[str, ...] = get_args(AzureRegion.model_fields["login"].annotation)
LOGIN_SERVERS = {
    "westeurope": "login.microsoftonline.com:443",
    "chinanorth3": "login.chinacloudapi.cn:443",
    "usgovvirginia": "login.microsoftonline.us:443",
}
BUILD_SECONDS, RUN_SECONDS, ASKING_SECONDS = 480, 120, 10


@cache
def kubelogin() -> Path:
    """Built once, into the cache, by its version and Go's."""
    go = shutil.which("go")
    assert go, "Go is not on PATH; the lab's prerequisites in the README say how to get it"
    version = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=True)
    folder = cache_root() / f"kubelogin-{KUBELOGIN}-{version.stdout.strip()}"
    program = folder / "kubelogin"
    if not program.exists():
        done = subprocess.run(
            [go, "install", f"github.com/Azure/kubelogin@{KUBELOGIN}"],
            env={**os.environ, "GOBIN": str(folder), "GOFLAGS": ""},
            capture_output=True,
            text=True,
            check=False,
            timeout=BUILD_SECONDS,
        )
        assert done.returncode == 0, done.stderr
    return program


class Proxy(BaseHTTPRequestHandler):
    """Lets nothing out, and keeps who was asked for."""

    asked: list[str]

    def do_CONNECT(self) -> None:
        type(self).asked.append(self.path)
        self.send_error(502)

    do_GET = do_POST = do_CONNECT  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[str]]]:
    """A proxy on loopback, and what it was asked for."""
    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Proxied", (Proxy,), {"asked": asked}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def told(**changes: Any) -> dict[str, Any]:
    """The exec entry of an Azure region's kubeconfig."""
    _, outputs = built("azure", **changes)
    return json.loads(outputs["kubeconfig"])["users"][0]["user"]["exec"]


def environment(folder: Path, proxy_url: str) -> dict[str, str]:
    """What kubelogin sees: its home, no program, and the proxy as the only way out."""
    token = folder / "token"
    token.write_text("x.y.z", "utf-8")
    return {
        "PATH": str(folder),
        "HOME": str(folder),
        "HTTP_PROXY": proxy_url,
        "HTTPS_PROXY": proxy_url,
        # What the workload identity webhook, or a pipeline, sets.
        "AZURE_CLIENT_ID": "00000000-0000-4000-8000-000000000009",
        "AZURE_FEDERATED_TOKEN_FILE": str(token),
    }


def run(
    entry: dict[str, Any], env: dict[str, str], seconds: int = RUN_SECONDS
) -> tuple[int | None, str, str]:
    """Exit code (None: was still asking), standard output and errors."""
    try:
        done = subprocess.run(
            [str(kubelogin()), *entry["args"]],
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return None, "", ""
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("location", LOGIN_SERVERS)
def test_kubelogin_asks_the_login_server_of_the_regions_cloud(
    location: str, proxy: tuple[str, list[str]], tmp_path: Path
) -> None:
    url, asked = proxy
    entry = told(login="workloadidentity", location=location)
    code, _, errors = run(entry, environment(tmp_path, url))
    assert code == 1
    assert "failed to get token" in errors
    assert set(asked) == {LOGIN_SERVERS[location]}


REFUSED_AT = {
    "azurecli": "AzureCLICredential: executable not found on path",
    "azd": "AzureDeveloperCLICredential: executable not found on path",
    "workloadidentity": "WorkloadIdentityCredential: unable to resolve an endpoint",
}
"""Where each login ends that has no network and no other program: at getting the token."""


@pytest.mark.parametrize("login", LOGINS)
def test_every_login_comes_as_far_as_its_token(
    login: str, proxy: tuple[str, list[str]], tmp_path: Path
) -> None:
    url, asked = proxy
    env = environment(tmp_path, url)
    if login != "workloadidentity":
        # Nobody sets these for a person at a terminal.
        env = {key: value for key, value in env.items() if not key.startswith("AZURE_")}
    # A managed identity is asked for again and again.
    seconds = ASKING_SECONDS if login == "msi" else RUN_SECONDS
    code, _, errors = run(told(login=login), env, seconds)
    if login == "msi":
        assert any(url.startswith("http://169.254.169.254/metadata/identity/") for url in asked), (
            errors
        )
        return
    assert code == 1
    assert f"failed to get token: {REFUSED_AT[login]}" in errors, errors


AZ = """#!/bin/sh
echo "$@" >> "$HOME/asked"
echo '{"accessToken": "a.b.c", "expiresOn": "2099-01-01 00:00:00.000000", "expires_on": 4070908800}'
"""


def test_kubelogin_gives_kubectl_the_token_that_az_has(tmp_path: Path) -> None:
    az = tmp_path / "az"
    az.write_text(AZ, "utf-8")
    az.chmod(0o755)
    env = {
        "PATH": f"{tmp_path}:/bin:/usr/bin",
        "HOME": str(tmp_path),
        "HTTPS_PROXY": "http://127.0.0.1:1",
    }
    code, output, errors = run(told(), env)
    assert code == 0, errors
    credential = json.loads(output)
    assert credential["kind"] == "ExecCredential"
    assert credential["apiVersion"] == told()["apiVersion"]
    assert credential["status"]["token"] == "a.b.c"
    asked = (tmp_path / "asked").read_text("utf-8")
    assert ENTRA_SERVER in asked
    assert REGIONS["azure"]["tenant"] in asked


def test_the_pipeline_takes_the_token_that_kubelogin_asks_az_for() -> None:
    """Else az has none when it is asked, and the federated token that could get one is long over."""
    workflow = (ROOT / ".github" / "workflows" / "pulumi.yaml").read_text("utf-8")
    found = re.findall(r"az account get-access-token .*--resource (\S+)", workflow)
    assert found == [ENTRA_SERVER]


def test_the_gke_plugin_uses_what_the_provider_is_signed_in_by() -> None:
    _, outputs = built("gcp")
    entry = json.loads(outputs["kubeconfig"])["users"][0]["user"]["exec"]
    assert entry["command"] == "gke-gcloud-auth-plugin"
    assert entry["args"] == ["--use_application_default_credentials"]
