"""Who did not answer, for how long, and what to do: said in words, for every way not to answer.

Real sockets on the loopback interface, and the real clients.
"""

from __future__ import annotations

import datetime
import ipaddress
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.live.addresses import (
    HERE,
    ApiCluster,
    Failure,
    Unanswered,
    make_cluster,
    module,
)

REPRESENTATION = re.compile(
    r"0x[0-9a-f]{6}|<\w+[ .(]|Errno|\w+(Error|Exception)\b|urllib3|_ssl\.c|object at|HTTPSConnection"
    r"|\('|\(b'|\bNone\b"
)
"""What a person should never have to read."""


def answering(answer: Callable[[socket.socket], None]) -> int:
    """A port of the loopback interface where each connection is given to `answer`."""
    listener = socket.create_server((HERE, 0))

    def serve() -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()[1]


def failure(port: int, host: str = HERE, scheme: str = "http", ca: str = "") -> str:
    """What a region's status would say of the API at the port."""
    asked = make_cluster(f"{scheme}://{host}:{port}", ca=ca)
    with pytest.raises(Unanswered) as refused:
        ask(asked)
    told = str(refused.value)
    assert not REPRESENTATION.search(told), told
    assert f"{scheme}://{host}:{port}" in told, "which server"
    assert told.endswith((".", "?")), "a remedy, in a sentence"
    assert "\n" not in told
    return told


def ask(cluster: ApiCluster) -> None:
    cluster.request("GET", "/version")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONNECT_SECONDS", 1.0)
    monkeypatch.setattr(module, "READ_SECONDS", 1.0)


def test_nothing_listens() -> None:
    with closing(socket.create_server((HERE, 0))) as free:
        port = free.getsockname()[1]
    assert "refused the connection: nothing listens there" in failure(port)


@pytest.fixture
def black_hole() -> Iterator[int]:
    """A port whose packets vanish: its queue of connections is full, and Linux drops what comes."""
    with closing(socket.socket()) as listener:
        listener.bind((HERE, 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for item in waiting:
            item.setblocking(False)
            item.connect_ex((HERE, port))
        time.sleep(0.2)
        yield port
        for item in waiting:
            item.close()


@pytest.mark.usefixtures("impatient")
def test_packets_vanish(black_hole: int) -> None:
    start = time.monotonic()
    assert "did not answer within 1 s. Is the cluster up" in failure(black_hole)
    assert time.monotonic() - start < 4


@pytest.mark.usefixtures("impatient")
def test_the_question_is_taken_and_never_answered() -> None:
    port = answering(lambda connection: time.sleep(30))
    assert "took the question and gave no answer within 1 s" in failure(port)


@pytest.mark.usefixtures("impatient")
def test_tls_is_never_answered() -> None:
    port = answering(lambda connection: time.sleep(30))
    assert "did not answer within 1 s" in failure(port, scheme="https")


def test_the_name_has_no_address() -> None:
    # RFC 6761: names under .invalid never have one.
    assert "its name has no address" in failure(6443, "api.nowhere.invalid")


def test_the_connection_is_broken_off() -> None:
    assert "broke the connection off before it answered" in failure(answering(lambda c: c.close()))


def test_what_answers_does_not_speak_http() -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(1024)
        connection.sendall(b"AMQP\x00\x00\x09\x01\r\n\r\n")
        connection.close()

    told = failure(answering(answer))
    assert "does not speak HTTP" in told or "broke the connection off" in told


def test_what_answers_does_not_speak_tls() -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(1024)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    assert "does not speak TLS" in failure(answering(answer), scheme="https")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("another authority", "its certificate is not signed by the CA that we were given"),
        ("another name", "its certificate is for another"),
        ("expired", "its certificate has expired"),
    ],
)
def test_certificates_that_can_not_be_trusted(tmp_path: Path, fault: str, told: str) -> None:
    trusted, served = certificates(tmp_path, fault)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(served)

    def answer(connection: socket.socket) -> None:
        try:
            context.wrap_socket(connection, server_side=True)
        except OSError:
            return

    port = answering(answer)
    assert told in failure(port, scheme="https", ca=trusted)


def certificates(directory: Path, fault: str) -> tuple[str, Path]:
    """A CA to trust (PEM), and a file with a server's certificate and key that has the fault."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    now = datetime.datetime.now(datetime.UTC)

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def authority(text: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        key = ec.generate_private_key(ec.SECP256R1())
        identity = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        builder = x509.CertificateBuilder().subject_name(name(text)).issuer_name(name(text))
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(days=2))
        builder = builder.not_valid_after(now + datetime.timedelta(days=2))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        builder = builder.add_extension(identity, False)
        return builder.sign(key, hashes.SHA256()), key

    trusted, trusted_key = authority("trusted")
    other, other_key = authority("other")
    issuer, issuer_key = (
        (other, other_key) if fault == "another authority" else (trusted, trusted_key)
    )
    key = ec.generate_private_key(ec.SECP256R1())
    host = "192.0.2.9" if fault == "another name" else HERE
    end = now - datetime.timedelta(days=1) if fault == "expired" else now + datetime.timedelta(1)
    builder = x509.CertificateBuilder().subject_name(name("server")).issuer_name(issuer.subject)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=2)).not_valid_after(end)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
    issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    builder = builder.add_extension(names, False).add_extension(issued_by, False)
    certificate = builder.sign(issuer_key, hashes.SHA256())
    served = directory / "served.pem"
    pem = serialization.Encoding.PEM
    served.write_bytes(
        certificate.public_bytes(pem)
        + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return trusted.public_bytes(pem).decode(), served


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, "does not know us (401). Log in again"),
        (403, "knows us and does not let us in (403)"),
        (429, "is asked too much (429)"),
        (500, "has a fault of its own (500)"),
        (503, "has a fault of its own (503)"),
    ],
)
def test_a_status_that_is_no_answer(status: int, told: str) -> None:
    body = json.dumps({"kind": "Status", "reason": "X", "message": "why it is so"})

    def answer(connection: socket.socket) -> None:
        connection.recv(4096)
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        connection.sendall((head + body).encode())
        connection.close()

    cluster = make_cluster(f"http://{HERE}:{answering(answer)}")
    with pytest.raises(Failure) as refused:
        cluster.check(attempts=1)
    assert told in str(refused.value)
    assert not REPRESENTATION.search(str(refused.value))


@pytest.mark.usefixtures("impatient")
def test_waiting_is_bounded_and_said_in_advance(black_hole: int) -> None:
    said: list[str] = []
    # Made before the clock runs: it loads the Kubernetes client.
    asked = make_cluster(f"http://{HERE}:{black_hole}")
    start = time.monotonic()
    with pytest.raises(Failure, match=r"did not answer within 1 s, three times"):
        asked.check(attempts=3, progress=said.append)
    assert time.monotonic() - start < 3 * 1 + 2 + 2
    assert len(said) == 1
    assert re.search(r"did not answer within 1 s; it is asked twice more, at most 6 s", said[0])


def test_a_command_for_credentials_that_is_not_there() -> None:
    user = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": "no-such-login",
            "args": ["get-token"],
        }
    }
    with pytest.raises(Failure, match=r"'no-such-login'.*not on PATH"):
        make_cluster(f"http://{HERE}:1", user=user)


def test_whether_a_server_is_there_is_told_sooner_than_a_long_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An API that takes connections and says nothing kept `status` waiting for 30 s."""
    assert module.CHECK_SECONDS <= 10 < module.READ_SECONDS
    monkeypatch.setattr(module, "CHECK_SECONDS", 1.0)
    port = answering(lambda connection: time.sleep(30))
    asked = make_cluster(f"http://{HERE}:{port}")
    start = time.monotonic()
    with pytest.raises(Failure, match="gave no answer within 1 s"):
        asked.check(attempts=1)
    assert time.monotonic() - start < 4
