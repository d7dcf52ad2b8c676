"""Production's secrets are encrypted by a key that somebody guards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.settings import SettingsError
from components.settings.running import load
from policies import secrets
from tests.unit.settings.test_settings import dev
from warren.runs.project import read

ROOT = Path(__file__).parents[3]
FILES = [ROOT / "Pulumi.prod.yaml", *sorted((ROOT / "examples").glob("*/Pulumi.*.yaml"))]


@pytest.mark.parametrize("provider", ["", "passphrase", "default"])
def test_a_passphrase_does_not_do_for_production(provider: str) -> None:
    (found,) = secrets.check(provider, "prod", production=True)
    assert (found.rule, found.level) == ("secrets-provider", "mandatory")
    assert "change-secrets-provider" in found.remedy
    assert secrets.check(provider, "dev", production=False) == []


@pytest.mark.parametrize("provider", ["awskms://alias/x", "gcpkms://x", "azurekeyvault://x"])
def test_a_key_of_a_clouds_does(provider: str) -> None:
    assert secrets.check(provider, "prod", production=True) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_stacks_of_this_repository_name_one(file: Path) -> None:
    directory = file.parent
    name = file.name.removeprefix("Pulumi.").removesuffix(".yaml")
    written: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    if directory == ROOT:
        assert read(directory, name).secrets_provider == written.get("secretsprovider", "")
    production = bool(written["config"].get("warren:production"))
    found = secrets.check(str(written.get("secretsprovider", "")), name, production=production)
    assert found == []


def test_an_empty_passphrase_stops_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under plain `pulumi up` too, which takes it without a word."""
    import json

    config = {
        f"warren:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in (dev() | {"production": True}).items()
    }
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(config))
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "something")
    load()
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
    with pytest.raises(SettingsError, match="encrypted by nothing"):
        load()
