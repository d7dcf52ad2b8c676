"""A stack's settings, before anything is run by them."""

from __future__ import annotations

from warren.errors import WarrenError
from warren.runs.project import Project


def check_keys(project: Project) -> None:
    """Keys that are not warren's own: misspelt namespaces, and secrets in the clear.

    Raises:
        WarrenError: there is one; its value is not told.
    """
    from components.settings.credentials import in_the_clear, refusal
    from components.settings.load import PREFIX, wrong_namespaces

    others = {
        key: value for key, value in project.config.items() if not key.startswith(f"{PREFIX}:")
    }
    found = [*wrong_namespaces(project.config), *(refusal(path) for path in in_the_clear(others))]
    if found:
        lines = "\n".join(f"  {line}" for line in found)
        raise WarrenError(
            f"Pulumi.{project.stack}.yaml:\n{lines}\n", "Nothing was touched.", exit_code=2
        )


def check(project: Project) -> None:
    """Wrong settings are told before a lab is started or a cluster is asked.

    Raises:
        WarrenError: they are wrong.
    """
    from components.settings import SettingsError, parse
    from components.settings.load import PREFIX

    check_keys(project)
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
