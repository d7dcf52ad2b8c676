"""What the documents lead to is there: files in links and between backticks, and the example parses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from components.settings import SettingsError, parse, schema

ROOT = Path(__file__).parents[3]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/configuration.md")
PATH = re.compile(r"[A-Za-z_.][\w.-]*(?:/[\w.-]+)*/?")
ENDINGS = (".py", ".md", ".yaml", ".toml", ".json", ".erl", "/")
NOT_FILES = {
    "pulumi/": "a folder of `warren/engines`, named under it",
    "embedded/": "the same",
    ".venv/bin/warren": "made by `make`",
    ".warren/pulumi": "made by a run",
}


def read(document: str) -> str:
    return (ROOT / document).read_text("utf-8")


def named(text: str) -> set[str]:
    """Paths from the root that stand between backticks."""
    tokens = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.S))
    rooms = {item.name for item in ROOT.iterdir() if item.is_dir()}
    return {
        token
        for token in tokens
        if PATH.fullmatch(token)
        and token not in NOT_FILES
        and ("/" in token.rstrip("/") or token.endswith(ENDINGS))
        and (token.split("/")[0] in rooms or token.endswith(ENDINGS[:-1]))
    }


def missing(text: str) -> list[str]:
    return sorted(path for path in named(text) if not (ROOT / path).exists())


def test_a_file_that_is_not_there_is_found() -> None:
    assert missing("`components/estate.py`, `components/nowhere.py`, `no.md`, `4.10`") == [
        "components/nowhere.py",
        "no.md",
    ]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_that_it_names_exist(document: str) -> None:
    assert named(read(document))
    assert missing(read(document)) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_that_it_leads_to_exist(document: str) -> None:
    text = re.sub(r"`[^`\n]*`", "", read(document))
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    folder = (ROOT / document).parent
    assert [link for link in links if not (folder / link).exists()] == []


def test_rooms_in_the_picture_exist() -> None:
    picture = re.search(r"```mermaid\n(.*?)```", read("docs/architecture.md"), re.S)
    assert picture
    rooms = re.findall(r'"((?:components|warren|policies)(?:/[\w.]+)?)["<:,]', picture[1])
    assert len(rooms) > 10
    assert [room for room in rooms if not (ROOT / room).exists()] == []


def test_every_room_is_in_the_table() -> None:
    text = read("docs/architecture.md")
    rooms = [
        f"{place}/{item.name}/"
        for place in ("components", "warren")
        for item in sorted((ROOT / place).iterdir())
        if (item / "__init__.py").is_file()
    ]
    assert len(rooms) > 10
    assert [room for room in rooms if f"| `{room}`" not in text] == []


def test_a_walk_passes_five_files_at_most() -> None:
    walks = read("docs/architecture.md").split("\n### ")[1:]
    assert [walk.splitlines()[0] for walk in walks] == [
        "A setting",
        "A link",
        "A secret",
        "An address",
    ]
    for walk in walks:
        assert 2 < len({path for path in named(walk) if not path.endswith("/")}) <= 5


def test_the_guide_has_what_is_added() -> None:
    titles = re.findall(r"^## (.+)$", read("CONTRIBUTING.md"), re.M)
    assert titles == ["A cloud", "A link kind", "A command", "A policy", "An alert"]


def shortest() -> dict[str, Any]:
    match = re.search(r"```yaml\n(.*?)```", read("docs/configuration.md"), re.S)
    assert match
    return yaml.safe_load(match[1])


def test_the_shortest_stack_file_parses() -> None:
    file = shortest()
    jsonschema.Draft202012Validator(schema.schema()).validate(file)
    settings = parse({key.removeprefix("warren:"): x for key, x in file["config"].items()})
    assert list(settings.regions) == ["east"]


@pytest.mark.parametrize("key", ["domain", "broker", "regions", "dr"])
def test_nothing_of_it_can_be_left_out(key: str) -> None:
    given = {name.removeprefix("warren:"): x for name, x in shortest()["config"].items()}
    del given[key]
    with pytest.raises(SettingsError):
        parse(given)
