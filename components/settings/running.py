"""The settings of the Pulumi program that runs: the one module of the settings that knows Pulumi."""

from __future__ import annotations

import os
from typing import Any

import pulumi
from pulumi.runtime import config as runtime_config

from components.settings.errors import told
from components.settings.load import PREFIX, SettingsError, keys, parse, wrong_namespaces
from components.settings.stack import Settings

_TEXTS = {"domain", "namespace"}


def load() -> Settings:
    """The settings of the running Pulumi program's stack.

    Raises:
        SettingsError: they are wrong, or production's secrets would be encrypted by nothing.
    """
    misspelt = [f"  {line}" for line in wrong_namespaces(_everything())]
    if misspelt:
        raise told(f"Pulumi.{pulumi.get_stack()}.yaml", misspelt)
    config = pulumi.Config(PREFIX)
    values: dict[str, Any] = {}
    for key in sorted({*keys(), *_given()}):
        if config.get(key) is None:
            continue
        known = key in keys() and key not in _TEXTS
        values[key] = _structure(config, key) if known else config.get(key)
    settings = parse(values, pulumi.get_stack())
    if settings.production and os.environ.get("PULUMI_CONFIG_PASSPHRASE") == "":
        raise SettingsError(
            "warren:production: PULUMI_CONFIG_PASSPHRASE is set and empty, so the state's CA key and "
            "passwords would be encrypted by nothing. Take the variable away and give the stack a key "
            "that a cloud keeps: pulumi stack change-secrets-provider awskms://alias/..."
        )
    return settings


def _structure(config: pulumi.Config, key: str) -> Any:
    """The key's value as it was written; text where it is no JSON: `warren:dr: east` is a mistake of
    the user's, to be told like others."""
    try:
        return config.get_object(key)
    except (pulumi.ConfigTypeError, ValueError, RecursionError):
        return config.get(key)


def _everything() -> dict[str, str]:
    return {**runtime_config.get_config_env(), **runtime_config.CONFIG.get()}


def _given() -> list[str]:
    """Every name under `warren:` that the stack has: a misspelt one must not pass unseen.

    `pulumi.Config` answers for known names only, hence the runtime's own mapping; a pulumi that runs
    a program hands it over as PULUMI_CONFIG.
    """
    return [key.partition(":")[2] for key in _everything() if key.startswith(f"{PREFIX}:")]
