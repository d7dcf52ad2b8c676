"""Certificates that come to their end: what `up` renews without a change of the program."""

from __future__ import annotations

import datetime

from warren.values import Properties


def due(type_: str, outputs: Properties) -> bool:
    """Whether a certificate has come to its renewal window, and `up` makes a new one."""
    if not type_.endswith((":LocallySignedCert", ":SelfSignedCert")):
        return False
    end = outputs.get("validityEndTime")
    if not isinstance(end, str):
        return False
    early = datetime.timedelta(hours=float(outputs.get("earlyRenewalHours") or 0))
    return datetime.datetime.now(datetime.UTC) >= datetime.datetime.fromisoformat(end) - early
