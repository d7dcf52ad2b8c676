"""The program: settings in, estate built, outputs out. Engines, tests and `__main__.py` all call it."""

from __future__ import annotations

import pulumi

from components.context import Context
from components.estate import Estate, EstateArgs
from components.settings import Settings
from components.settings.running import load


def build(settings: Settings | None = None) -> Estate:
    """Registers the whole estate with the running engine and exports the stack's outputs.

    Args:
        settings: the running stack's by default.

    Raises:
        SettingsError: the stack's settings are wrong; nothing has been registered then.
    """
    settings = settings or load()
    context = Context(
        project=pulumi.get_project(),
        stack=pulumi.get_stack(),
        domain=settings.domain,
        namespace=settings.namespace,
        **({"record": settings.naming.record} if settings.naming else {}),
    )
    estate = Estate("estate", EstateArgs(context=context, settings=settings))
    for key, value in estate.outputs().items():
        pulumi.export(key, value)
    return estate
