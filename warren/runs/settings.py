"""A stack's settings, before anything is run by them."""

from __future__ import annotations

from warren.errors import WarrenError
from warren.runs.project import Project


def check(project: Project) -> None:
    """Wrong settings are told before a lab is started or a cluster is asked.

    Raises:
        WarrenError: they are wrong.
    """
    from components.settings import SettingsError, parse
    from components.settings.load import PREFIX

    if any(key.startswith(f"{PREFIX}:") for key in project.encrypted):
        return  # the program checks them, once pulumi has told it what they are
    values = {
        key.removeprefix(f"{PREFIX}:"): value
        for key, value in project.config.items()
        if key.startswith(f"{PREFIX}:")
    }
    try:
        parse(values, project.stack)
    except SettingsError as error:
        raise WarrenError(str(error), "Nothing was touched.", exit_code=2) from None
