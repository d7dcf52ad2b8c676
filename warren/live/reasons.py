"""Failures of connections in words: what happened, and what to do about it.

The one place that looks into exceptions of sockets, TLS, HTTP and the Kubernetes client. What these say of
themselves is for programmers (`(<HTTPSConnection(host=...) at 0x7f...>, 'Connection ... timed out')`).
"""

from __future__ import annotations

import errno
import http.client
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """Why nobody answered.

    Attributes:
        text: goes on after who it is: "did not answer within 5 s"; no full stop.
        remedy: what to do, one or two sentences.
    """

    text: str
    remedy: str

    def __str__(self) -> str:
        return self.text


class UnansweredError(OSError):
    """Somebody could not be asked; the text says who, why, and what to do.

    Attributes:
        who: whom we asked, with the address.
        reason: why there was no answer.
    """

    def __init__(self, who: str, reason: Reason) -> None:
        super().__init__(f"{who} {reason.text}. {reason.remedy}")
        self.who = who
        self.reason = reason

    @property
    def told(self) -> str:
        """Who and why, without the remedy and without a full stop."""
        return f"{self.who} {self.reason.text}"


_NETWORK = (
    "Is the cluster up, is the address right, and does the network let you through (VPN, allowed "
    "ranges)?"
)
_CERTIFICATE = "Fetch the kubeconfig anew; if it is right, somebody else answers at this address."

_ERRNO = {
    errno.ECONNREFUSED: (
        "refused the connection: nothing listens there",
        "Is it up, and are address and port right?",
    ),
    errno.EHOSTUNREACH: ("can't be reached: there is no route to it", _NETWORK),
    errno.ENETUNREACH: ("can't be reached: there is no route to its network", _NETWORK),
    errno.ECONNRESET: (
        "broke the connection off before it answered",
        "Run this again; if it stays so, look at what stands between (proxy, firewall, load balancer).",
    ),
    errno.EPIPE: ("broke the connection off before it answered", "Run this again."),
    errno.EACCES: ("can't be asked: this machine's own firewall forbids it", _NETWORK),
    errno.EPERM: ("can't be asked: this machine's own firewall forbids it", _NETWORK),
    errno.EMFILE: ("can't be asked: this process has too many files open", "Raise it: ulimit -n."),
}


def reason(error: BaseException, connect_seconds: float, read_seconds: float) -> Reason:
    """The reason in an exception, or in one that it was made from.

    Args:
        error: of urllib3, http.client, ssl, socket, websocket or the Kubernetes client.
        connect_seconds: how long a connection was waited for.
        read_seconds: how long an answer was waited for.
    """
    chain = list(_chain(error))
    late = _time(chain, connect_seconds, read_seconds)
    if late is not None:
        return late
    for item in chain:
        found = _tls(item) or _name(item) or _system(item) or _protocol(item) or _status(item)
        if found is not None:
            return found
    return Reason("could not be asked, for a reason that is not known here", _NETWORK)


def refusal(status: int) -> Reason:
    """What an HTTP status that is no success means."""
    if status == 401:
        return Reason(
            "does not know us (401)",
            "Log in again (aws, az, gcloud), or fetch the kubeconfig anew: its credentials have expired.",
        )
    if status == 403:
        return Reason(
            "knows us and does not let us in (403)", "Ask for the right, or take another user."
        )
    if status == 404:
        return Reason(
            "has nothing there (404)", "Is it the right address, and of the right version?"
        )
    if status == 429:
        return Reason("is asked too much (429)", "Wait a minute and run this again.")
    if status >= 500:
        return Reason(
            f"has a fault of its own ({status})",
            "Wait a minute; then look at its logs and its load.",
        )
    return Reason(f"refused ({status})", "Look at its logs.")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what it was made from, the innermost cause first."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        item = waiting.pop(0)
        if item in seen:
            continue
        seen.append(item)
        inner = [getattr(item, "reason", None), item.__cause__, item.__context__, *item.args]
        waiting += [each for each in inner if isinstance(each, BaseException)]
    return reversed(seen)


def _tls(error: BaseException) -> Reason | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        # Codes of OpenSSL's X509_V_ERR_*.
        known = {
            9: ("is not valid yet", "Is this machine's clock right?"),
            10: ("has expired", "Renew it, or set this machine's clock right."),
            18: ("is signed by itself, and not by the CA that we were given", _CERTIFICATE),
            19: ("is not signed by the CA that we were given", _CERTIFICATE),
            20: ("is not signed by the CA that we were given", _CERTIFICATE),
            21: ("is not signed by the CA that we were given", _CERTIFICATE),
            62: ("is for another name", _CERTIFICATE),
            64: ("is for another address", _CERTIFICATE),
        }
        what, remedy = known.get(error.verify_code, ("is not one that we trust", _CERTIFICATE))
        return Reason(f"can't be trusted: its certificate {what}", remedy)
    if not isinstance(error, ssl.SSLError) or isinstance(error, TimeoutError):
        return None
    said = f"{error.reason or ''} {error.strerror or ''}".upper().replace(" ", "_")
    if "WRONG_VERSION_NUMBER" in said or "HTTP_REQUEST" in said or "RECORD_LAYER" in said:
        return Reason(
            "does not speak TLS", "Is it the right port, and no proxy that answers there?"
        )
    if "CERTIFICATE_REQUIRED" in said or "ALERT" in said:
        return Reason(
            "broke off the TLS handshake: it does not take our certificate or our version of TLS",
            "Fetch the kubeconfig anew.",
        )
    return Reason(
        "broke the TLS connection off", "Run this again; if it stays so, look at its logs."
    )


def _name(error: BaseException) -> Reason | None:
    if isinstance(error, socket.gaierror) or type(error).__name__ == "NameResolutionError":
        return Reason(
            "can't be found: its name has no address",
            "Is the name right, and can this machine ask the DNS that knows it (VPN)?",
        )
    return None


def _time(
    chain: Sequence[BaseException], connect_seconds: float, read_seconds: float
) -> Reason | None:
    kinds = {type(item).__name__ for item in chain}
    late = [str(item) for item in chain if isinstance(item, TimeoutError)]
    if not late and not kinds & {"ConnectTimeoutError", "WebSocketTimeoutException"}:
        return None
    # The TLS handshake belongs to the connection, although urllib3 calls it reading.
    if "ReadTimeoutError" in kinds and not any("handshake" in text for text in late):
        return Reason(f"took the question and gave no answer within {read_seconds:.0f} s", _NETWORK)
    return Reason(f"did not answer within {connect_seconds:.0f} s", _NETWORK)


def _system(error: BaseException) -> Reason | None:
    if isinstance(error, OSError) and error.errno in _ERRNO:
        return Reason(*_ERRNO[error.errno])
    return None


def _protocol(error: BaseException) -> Reason | None:
    if isinstance(error, http.client.RemoteDisconnected | ConnectionError | EOFError):
        return Reason(*_ERRNO[errno.ECONNRESET])
    if isinstance(error, http.client.IncompleteRead):
        return Reason("broke off in the middle of its answer", "Run this again.")
    if isinstance(error, http.client.HTTPException):
        return Reason("does not speak HTTP", "Is it the right port?")
    if type(error).__name__ == "WebSocketConnectionClosedException":
        return Reason(*_ERRNO[errno.ECONNRESET])
    return None


def _status(error: BaseException) -> Reason | None:
    kind = type(error).__name__
    status = getattr(error, "status", None) or getattr(error, "status_code", None)
    if isinstance(status, int) and status >= 400:
        return refusal(status)
    if kind in ("ApiException", "WebSocketBadStatusException"):
        # The Kubernetes client puts a failed handshake's status into words.
        found = re.search(r"status (\d{3})", str(getattr(error, "reason", "")) or str(error))
        if found:
            return refusal(int(found[1]))
    return None
