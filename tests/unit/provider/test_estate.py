"""The estate for every Pulumi language: its schema is whole, and the plugin answers as Pulumi asks it."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pulumi
import pytest
import yaml
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ComponentInitError
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from components.settings.stack import Settings
from provider.estate import NAME, Estate, EstateArgs
from tests.support.recorder import Recording, record

ROOT = Path(__file__).parents[3]
TOKEN = "warren:index:Estate"
NOT_OFFERED = {"lab"}
"""Settings that only `warren up` reads."""


@functools.cache
def schema() -> dict[str, Any]:
    provider = ComponentProvider([Estate], NAME)
    return json.loads(provider.schema or "{}")


def test_every_setting_is_an_argument_and_the_required_ones_are_required() -> None:
    resource = schema()["resources"][TOKEN]
    wanted = {key: field for key, field in Settings.model_fields.items() if key not in NOT_OFFERED}
    assert set(resource["inputProperties"]) == set(wanted)
    required = {key for key, field in wanted.items() if field.is_required()}
    assert set(resource["requiredInputs"]) == required


def test_every_argument_and_every_output_is_described() -> None:
    resource = schema()["resources"][TOKEN]
    assert resource["description"]
    for properties in (resource["inputProperties"], resource["properties"]):
        assert properties
        for key, value in properties.items():
            assert len(value.get("description", "")) > 10, key


def values() -> dict[str, Any]:
    content = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text("utf-8"))["config"]
    found = {key.removeprefix("warren:"): value for key, value in content.items()}
    return {key: value for key, value in found.items() if key not in NOT_OFFERED}


def build(args: dict[str, Any]) -> Recording:
    provider = ComponentProvider([Estate], NAME)

    def program() -> None:
        provider.construct("messaging", TOKEN, args, pulumi.ResourceOptions())

    return record(program, preview=True)


def test_a_stack_files_settings_make_the_same_estate() -> None:
    recording = build(values())
    types = [item.type for item in recording.resources]
    assert types.count("warren:region:Region") == 2
    assert types.count("kubernetes:apps/v1:StatefulSet") == 2
    (facade,) = [item for item in recording.resources if item.type == TOKEN]
    (estate,) = [item for item in recording.resources if item.type == "warren:estate:Estate"]
    assert estate.parent == facade.urn


def test_wrong_settings_are_named_by_their_key() -> None:
    wrong = values() | {"dr": {"primary": "mars"}}
    with pytest.raises(ComponentInitError, match=r"dr\.primary.*mars"):
        build(wrong)


def test_a_value_of_another_resource_is_refused_by_its_place() -> None:
    args = values()
    args["regions"]["east"]["context"] = pulumi.Output.from_input("later")
    expected = r"^regions\.east\.context: this value comes from another resource"
    with pytest.raises(ComponentInitError, match=expected):
        build(args)


@pytest.fixture
def plugin() -> Iterator[grpc.Channel]:
    """The plugin's own process, started as Pulumi starts it."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "provider"), "127.0.0.1:1"],
        stdout=subprocess.PIPE,
        cwd=ROOT / "provider",
        text=True,
    )
    try:
        assert process.stdout
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield channel
    finally:
        process.terminate()
        process.wait(10)


def test_the_plugin_tells_its_schema(plugin: grpc.Channel) -> None:
    stub = provider_pb2_grpc.ResourceProviderStub(plugin)
    answer = stub.GetSchema(provider_pb2.GetSchemaRequest(version=0), timeout=30)
    assert json.loads(answer.schema)["resources"][TOKEN]["inputProperties"].keys() == (
        set(EstateArgs.__annotations__)
    )
