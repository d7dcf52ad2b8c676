"""RabbitMQ's salted password hash. Pure.

Format: base64 of a 4-byte salt followed by SHA-256 of salt and password (RabbitMQ, "Credentials and
Passwords", `rabbit_password_hashing_sha256`).
"""

from __future__ import annotations

import base64
import hashlib
import json

ALGORITHM = "rabbit_password_hashing_sha256"

NO_CONNECTIONS = {"max-connections": 0, "max-channels": 0}
"""Limits of who looks after brokers: the management API, which needs no connection to a vhost, takes
them; AMQP refuses them at every listener, from wherever they come (`rabbit_reader`, and for the
management API's own `get` and `publish` `rabbit_direct`: is_over_connection_limit)."""


def password_hash(user: str, password: str) -> str:
    """The hash of a generated password.

    The salt is derived, not random, so that the same password gives the same hash at every `up` and
    nothing changes. Salts guard guessable passwords against tables made in advance; these are long
    and random.
    """
    salt = hashlib.sha256(f"warren:{user}:{password}".encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def boot_definitions(user: str, password: str) -> str:
    """Definitions (JSON) that a blank cluster starts with: one administrator and no guest."""
    return json.dumps(
        {
            "users": [
                {
                    "name": user,
                    "password_hash": password_hash(user, password),
                    "hashing_algorithm": ALGORITHM,
                    "tags": ["administrator"],
                    "limits": NO_CONNECTIONS,
                }
            ],
            "vhosts": [],
            "permissions": [],
        },
        sort_keys=True,
    )
