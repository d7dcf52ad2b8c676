"""What a difference means for messages, clients and operators, in sentences. Pure."""

from warren.comparison.consequences.clouds import cloud
from warren.comparison.consequences.estate import of_estate
from warren.comparison.consequences.generated import GENERATED
from warren.comparison.consequences.kubernetes import KUBERNETES
from warren.comparison.consequences.model import Change, Consequence, Kind

__all__ = ["Change", "Consequence", "Kind", "consequences", "of_estate"]


def consequences(change: Change) -> list[Consequence]:
    """What a reviewer must know of one change; empty where it says all by itself."""
    found: list[Consequence] = []
    if change.type.startswith("kubernetes:"):
        rule = KUBERNETES.get(change.type.rpartition(":")[2])
    else:
        rule = GENERATED.get(change.type, cloud)
    if rule is not None:
        found += rule(change)
    if change.before.get("retain") and not change.gone and not change.after.get("retain"):
        found.append(Consequence("It is no longer kept when the stack lets go of it.", loses=True))
    if not change.before.get("protect"):
        return found
    if change.gone:
        found.append(
            Consequence(
                "It is protected: `up` refuses this, until an `up` with protect: false has gone before."
            )
        )
    elif not change.after.get("protect"):
        found.append(Consequence("Its protection ends: a later `up` may delete it.", loses=True))
    return found
