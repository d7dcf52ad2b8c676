"""How a context's API server is reached and who asks, read from a kubeconfig.

Certificates, tokens and passwords are read here. What needs more (a command that gets a token, a proxy)
is left to the official client, whose import takes 0.7 s of a core: too long for a `status` at 03:00
on clusters that do not need it.
"""

from __future__ import annotations

import base64
import binascii
import os
import shutil
import ssl
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from warren.errors import WarrenError

_POOL = 64
"""Connections to one server at once: as many as resources are under way."""

_PLAIN_USER = {
    "client-certificate",
    "client-certificate-data",
    "client-key",
    "client-key-data",
    "token",
    "tokenFile",
    "username",
    "password",
}
_PLAIN_CLUSTER = {
    "server",
    "certificate-authority",
    "certificate-authority-data",
    "insecure-skip-tls-verify",
    "tls-server-name",
    "disable-compression",
    "extensions",
}
_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")


@dataclass(frozen=True)
class Access:
    """A way to an API server.

    Attributes:
        server: its URL, without a slash at the end.
        pool: urllib3's connections to it.
        headers: those that say who asks, as they are at the moment.
        tls: how its certificate is checked and which one is shown; None without TLS.
        server_name: name in its certificate, where it is not the host's.
    """

    server: str
    pool: Any
    headers: Callable[[], dict[str, str]]
    tls: ssl.SSLContext | None
    server_name: str | None = None


def access(kubeconfig: str | None, context: str, directory: Path) -> Access:
    """How a context is reached.

    Args:
        kubeconfig: path (relative to `directory`) or content; None for the user's.
        context: name in it.
        directory: of the project.

    Raises:
        WarrenError: the file can't be read, or has no such context.
    """
    content, base = _load(kubeconfig, directory)
    contexts = _named(content, "contexts", "context")
    if context not in contexts:
        raise WarrenError(
            f"The kubeconfig {kubeconfig or 'of the user'} has no context '{context}' "
            f"(it has: {', '.join(contexts) or 'none'}).",
            "Correct warren:regions.<region>.context, or the kubeconfig that it names.",
            exit_code=2,
        )
    chosen = contexts[context]
    cluster = _named(content, "clusters", "cluster").get(str(chosen.get("cluster")), {})
    user = _named(content, "users", "user").get(str(chosen.get("user")), {})
    _check_login(user, context)
    proxied = any(os.environ.get(name) for name in _PROXIES)
    try:
        if proxied or set(user) - _PLAIN_USER or set(cluster) - _PLAIN_CLUSTER:
            return _by_the_library(content, context, base)
        return _plain(cluster, user, base)
    except (OSError, ValueError, KeyError) as error:
        raise WarrenError(
            f"The credentials of context '{context}' can't be used ({_words(error)}).",
            "Mend the kubeconfig: kubectl --context has to work with it.",
            exit_code=2,
        ) from None


def _check_login(user: Mapping[str, Any], context: str) -> None:
    """The Kubernetes client only logs that a command for credentials is missing, and goes on without."""
    command = (user.get("exec") or {}).get("command")
    if command and shutil.which(str(command)) is None:
        raise WarrenError(
            f"The kubeconfig's context '{context}' logs in by the command '{command}', which is "
            "not on PATH.",
            "Install it (aws: the AWS CLI, kubelogin: for AKS, gke-gcloud-auth-plugin: for GKE).",
            exit_code=2,
        )


def _named(content: Mapping[str, Any], key: str, inner: str) -> dict[str, dict[str, Any]]:
    items = cast("list[dict[str, Any]]", content.get(key) or [])
    return {str(item.get("name")): item.get(inner) or {} for item in items}


def _plain(cluster: Mapping[str, Any], user: Mapping[str, Any], base: Path) -> Access:
    import urllib3

    server = str(cluster["server"]).rstrip("/")
    name = cluster.get("tls-server-name")
    options: dict[str, Any] = {"maxsize": _POOL}
    tls = None
    if server.startswith("https:"):
        tls = _context(
            _bytes(cluster, "certificate-authority", base),
            (_bytes(user, "client-certificate", base), _bytes(user, "client-key", base)),
            verified=not cluster.get("insecure-skip-tls-verify"),
        )
        options["ssl_context"] = tls
        if name:
            options |= {"server_hostname": name, "assert_hostname": name}
    return Access(
        server, urllib3.PoolManager(**options), lambda: _headers(user, base), tls, name or None
    )


def _headers(user: Mapping[str, Any], base: Path) -> dict[str, str]:
    if file := user.get("tokenFile"):
        # Read each time: whoever renews the token writes it there.
        return {"Authorization": f"Bearer {(base / file).read_text().strip()}"}
    if token := user.get("token"):
        return {"Authorization": f"Bearer {token}"}
    if name := user.get("username"):
        both = f"{name}:{user.get('password', '')}".encode()
        return {"Authorization": f"Basic {base64.b64encode(both).decode()}"}
    return {}


def _words(error: OSError | ValueError | KeyError) -> str:
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'a file'}: {error.strerror}"
    return str(error)


def _bytes(given: Mapping[str, Any], key: str, base: Path) -> bytes | None:
    if data := given.get(f"{key}-data"):
        try:
            return base64.b64decode(data, validate=True)
        except binascii.Error:
            raise ValueError(f"{key}-data is no base64") from None
    return (base / str(given[key])).expanduser().read_bytes() if given.get(key) else None


def _context(
    authority: bytes | None, shown: tuple[bytes | None, bytes | None], *, verified: bool
) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=authority.decode() if authority else None)
    # Python 3.13 refuses CAs without key identifiers, which kubectl takes and some clouds have.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    certificate, key = shown
    if certificate is not None:
        # OpenSSL reads them from a file only; it has mode 0600 and is gone at once.
        with tempfile.NamedTemporaryFile() as file:
            file.write(certificate + b"\n" + (key or b""))
            file.flush()
            context.load_cert_chain(file.name)
    return context


def _by_the_library(content: dict[str, Any], context: str, base: Path) -> Access:
    from kubernetes import client, config

    settings = client.Configuration()
    # Its loader looks for what the file names below the working directory if it is not told.
    loader = cast("Any", config.kube_config).KubeConfigLoader(
        config_dict=content, active_context=context, config_base_path=str(base)
    )
    loader.load_and_set(settings)
    settings.connection_pool_maxsize = _POOL
    api = client.ApiClient(settings)

    def headers() -> dict[str, str]:
        found: dict[str, str] = {}
        api.update_params_for_auth(found, [], ["BearerToken"], "/", "GET", None)
        return found

    def content_of(file: str | None) -> bytes | None:
        return Path(file).read_bytes() if file else None

    tls = _context(
        content_of(settings.ssl_ca_cert),
        (content_of(settings.cert_file), content_of(settings.key_file)),
        verified=settings.verify_ssl,
    )
    server = str(settings.host).rstrip("/")
    return Access(
        server,
        cast("Any", api.rest_client).pool_manager,
        headers,
        tls if server.startswith("https:") else None,
        settings.tls_server_name,
    )


def _load(kubeconfig: str | None, directory: Path) -> tuple[dict[str, Any], Path]:
    base = directory
    if kubeconfig and "\n" in kubeconfig:
        text, shown = kubeconfig, "in the settings"
    else:
        given = (
            kubeconfig or os.environ.get("KUBECONFIG", "").split(os.pathsep)[0] or "~/.kube/config"
        )
        file = Path(given).expanduser()
        file = file if file.is_absolute() else directory / file
        shown, base = str(file), file.parent
        try:
            text = file.read_text()
        except OSError as error:
            raise WarrenError(
                f"The kubeconfig {file} can't be read ({error.strerror}).",
                "Correct warren:regions.<region>.kubeconfig; for the lab's, start it: "
                "python -m lab up.",
                exit_code=2,
            ) from None
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise WarrenError(f"The kubeconfig {shown} is no YAML{where}.", "Mend it.", 2) from None
    if not isinstance(content, dict):
        raise WarrenError(f"The kubeconfig {shown} is empty.", "Mend it.", 2)
    return cast("dict[str, Any]", content), base
