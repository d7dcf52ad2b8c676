"""Who asks, as a kubeconfig says it: in files, in data, by a token that is renewed, or by a command."""

from __future__ import annotations

import base64
import json
import ssl
import sys
from pathlib import Path
from typing import Any

import pytest

from warren.engines.embedded.certificates import make
from warren.errors import WarrenError
from warren.live.kubeconfig import Access, access
from warren.values import reveal


@pytest.fixture(scope="module")
def pair() -> tuple[str, str]:
    """A certificate of its own and its key (PEM)."""
    key = reveal(make("tls:K:PrivateKey", {"algorithm": "ECDSA", "ecdsaCurve": "P256"})[1])
    wanted = {
        "privateKeyPem": key["privateKeyPem"],
        "subject": {"commonName": "test"},
        "validityPeriodHours": 1,
        "allowedUses": ["cert_signing"],
        "isCaCertificate": True,
    }
    return make("tls:C:SelfSignedCert", wanted)[1]["certPem"], key["privateKeyPem"]


def reached(directory: Path, user: dict[str, Any], **cluster: Any) -> Access:
    content = {
        "clusters": [{"name": "c", "cluster": {"server": "https://192.0.2.1:6443/", **cluster}}],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": "test", "context": {"cluster": "c", "user": "u"}}],
    }
    (directory / "kubeconfig").write_text(json.dumps(content))
    return access("kubeconfig", "test", directory)


def test_files_are_looked_for_beside_the_kubeconfig(tmp_path: Path, pair: tuple[str, str]) -> None:
    for name, text in zip(("crt", "key"), pair, strict=True):
        (tmp_path / name).write_text(text)
    user = {"client-certificate": "crt", "client-key": "key"}
    found = reached(tmp_path, user, **{"certificate-authority": "crt"})
    assert found.server == "https://192.0.2.1:6443"
    assert found.tls is not None
    assert len(found.tls.get_ca_certs()) == 1, "the named CA, and none of the system's"
    assert found.tls.verify_mode == ssl.CERT_REQUIRED
    assert found.headers() == {}


def test_data_stands_for_files_and_leaves_none_behind(
    tmp_path: Path, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(work))
    crt, key = (base64.b64encode(text.encode()).decode() for text in pair)
    user = {"client-certificate-data": crt, "client-key-data": key}
    assert reached(tmp_path, user, **{"certificate-authority-data": crt}).tls is not None
    assert list(work.iterdir()) == []


def test_a_token_that_is_renewed_in_its_file_is_read_anew(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("old\n")
    found = reached(tmp_path, {"tokenFile": "token"})
    assert found.headers() == {"Authorization": "Bearer old"}
    (tmp_path / "token").write_text("new\n")
    assert found.headers() == {"Authorization": "Bearer new"}


def test_name_and_password(tmp_path: Path) -> None:
    found = reached(tmp_path, {"username": "a", "password": "b"})
    assert found.headers() == {"Authorization": "Basic YTpi"}


def test_a_certificate_is_checked_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    found = reached(tmp_path, {}, **{"insecure-skip-tls-verify": True})
    assert found.tls is not None
    assert found.tls.verify_mode == ssl.CERT_NONE
    assert reached(tmp_path, {}, **{"tls-server-name": "api.test"}).server_name == "api.test"


def test_a_command_that_gives_a_token_is_run_by_the_library(
    tmp_path: Path, pair: tuple[str, str]
) -> None:
    (tmp_path / "crt").write_text(pair[0])
    credential = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": "of-the-command"},
    }
    (tmp_path / "give.py").write_text(f"print({json.dumps(json.dumps(credential))})")
    command = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": sys.executable,
        "args": [str(tmp_path / "give.py")],
        "interactiveMode": "Never",
    }
    found = reached(tmp_path, {"exec": command}, **{"certificate-authority": "crt"})
    assert found.headers() == {"authorization": "Bearer of-the-command"} or found.headers() == {
        "Authorization": "Bearer of-the-command"
    }
    assert found.tls is not None
    assert len(found.tls.get_ca_certs()) == 1


def test_what_cannot_be_used_names_the_context_and_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(WarrenError, match=r"context 'test' can't be used.*kubectl"):
        reached(tmp_path, {"client-certificate": "not-there"})
    with pytest.raises(WarrenError, match="no base64"):
        reached(tmp_path, {"client-certificate-data": "%%%"})
