"""`random:*`: values made once and kept in the state. Same inputs and outputs as pulumi-random."""

from __future__ import annotations

import base64
import secrets
import string
import uuid

from warren.errors import WarrenError
from warren.values import Properties, reveal, secret

SPECIAL = "!@#$%&*()-_=+[]{}<>:?"
"""The special characters of pulumi-random's RandomPassword."""


def make(type_: str, inputs: Properties) -> tuple[str, Properties]:
    """Id and outputs of a new random resource.

    Raises:
        WarrenError: the type is not known here.
    """
    given = reveal(inputs)
    kind = type_.rpartition(":")[2]
    if kind in ("RandomPassword", "RandomString"):
        result = _characters(given)
        own = {
            "length": given["length"],
            "result": secret(result) if "Password" in kind else result,
        }
        return ("none" if "Password" in kind else result), {**given, **own}
    if kind in ("RandomBytes", "RandomId"):
        length = int(given.get("length", given.get("byteLength", 0)))
        content = secrets.token_bytes(length)
        encoded = base64.b64encode(content).decode()
        if kind == "RandomBytes":
            return "none", {**given, "base64": secret(encoded), "hex": secret(content.hex())}
        url = base64.urlsafe_b64encode(content).decode().rstrip("=")
        prefix = given.get("prefix", "")
        return url, {
            **given,
            "hex": prefix + content.hex(),
            "dec": f"{prefix}{int.from_bytes(content)}",
            "b64Std": prefix + encoded,
            "b64Url": prefix + url,
        }
    if kind == "RandomUuid":
        value = str(uuid.uuid4())
        return value, {**given, "result": value}
    raise WarrenError(
        f"The embedded engine has no {type_}.", "Install the pulumi CLI and use --engine pulumi."
    )


def _characters(given: Properties) -> str:
    classes = {
        "lower": string.ascii_lowercase,
        "upper": string.ascii_uppercase,
        "numeric": string.digits,
        "special": given.get("overrideSpecial") or SPECIAL,
    }
    used = {key: text for key, text in classes.items() if given.get(key, True)}
    length = int(given["length"])
    least = [
        secrets.choice(classes[key])
        for key in classes
        for _ in range(int(given.get(f"min{key.capitalize()}", 0)))
    ]
    if not used or len(least) > length:
        raise WarrenError(
            "A random password has no characters to choose from, or asks for more than its length.",
            "Mend its arguments.",
        )
    pool = "".join(used.values())
    letters = least + [secrets.choice(pool) for _ in range(length - len(least))]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)
