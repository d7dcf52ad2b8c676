"""JSON Schema of a stack file and the page of its keys, both made from the settings' models.

`python -m components.settings.schema --write` writes them, `--check` fails where one is stale.
Editors complete `Pulumi.*.yaml` by the schema through the file's first line, `MODELINE`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from components.settings.load import PREFIX
from components.settings.page_head import HEAD, MINIMAL
from components.settings.stack import Settings

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = "schema/warren.schema.json"
PAGE = "docs/configuration.md"
MODELINE = f"# yaml-language-server: $schema={SCHEMA}"

Json = dict[str, Any]


def schema() -> Json:
    """The schema of a whole stack file (JSON Schema 2020-12)."""
    own = Settings.model_json_schema(by_alias=True, mode="validation")
    definitions = cast("Json", own.pop("$defs"))
    properties = cast("Json", own["properties"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stack of warren: RabbitMQ across clouds and regions",
        "type": "object",
        "additionalProperties": False,
        "required": ["config"],
        "properties": {
            "config": {
                "type": "object",
                "description": own.get("description", ""),
                "properties": {f"{PREFIX}:{key}": item for key, item in properties.items()},
                # Other programs' and providers' keys are theirs to check.
                "patternProperties": {f"^(?!{PREFIX}:)[^:]+:.+$": True},
                "additionalProperties": False,
                "required": [f"{PREFIX}:{key}" for key in own.get("required", [])],
            },
            "encryptionsalt": {"type": "string", "description": "Written by Pulumi."},
            "secretsprovider": {"type": "string", "description": "Who encrypts the secrets."},
            "encryptedkey": {"type": "string", "description": "Written by Pulumi."},
            "environment": {"description": "Pulumi ESC environments to import."},
        },
        "$defs": definitions,
    }


def page() -> str:
    """The page of all keys: a table a model, in the order in which one meets them."""
    document = schema()
    config = document["properties"]["config"]
    parts = [HEAD.format(modeline=MODELINE, minimal=_yaml(MINIMAL))]
    parts.append(_section("config", config, config["description"]))
    for name in _reached(config, document["$defs"]):
        item = document["$defs"][name]
        parts.append(_section(name, item, str(item.get("description", ""))))
    return "\n".join(parts)


def _yaml(text: str) -> str:
    return f"```yaml\n{text}```\n"


def _reached(config: Json, definitions: Json) -> Iterator[str]:
    """Names of models in the order of reading, each once."""
    seen: set[str] = set()
    queue = list(_references(config))
    while queue:
        name = queue.pop(0)
        if name in seen:
            continue
        seen.add(name)
        if "properties" in definitions[name]:
            yield name
        queue = [*_references(definitions[name]), *queue]


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        mapping = cast("Json", value)
        if isinstance(mapping.get("$ref"), str):
            yield str(mapping["$ref"]).rsplit("/", 1)[-1]
        for key, item in mapping.items():
            if key != "discriminator":
                yield from _references(item)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _references(item)


def _section(name: str, item: Json, description: str) -> str:
    required = set(cast("list[str]", item.get("required", [])))
    lines = [f"## {name}", "", " ".join(description.split()), ""]
    lines += ["| key | type | default | meaning |", "|---|---|---|---|"]
    for key, field in cast("Json", item["properties"]).items():
        default = "**required**" if key in required else _default(field)
        meaning = " ".join(str(field.get("description", "")).split())
        if not meaning and "const" in field:
            meaning = "Says which kind this is; the other keys depend on it."
        cells = (f"`{key}`", _type(field), default, meaning)
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Text that ends no cell and opens no tag; code between backticks keeps its signs."""
    parts = text.replace("|", "\\|").split("`")
    return "`".join(x if n % 2 else x.replace("<", "\\<") for n, x in enumerate(parts))


def _default(field: Json) -> str:
    if "default" not in field:
        return "see there" if "$ref" in field else "empty"
    value = field["default"]
    return "none" if value is None else f"`{json.dumps(value)}`"


def _type(field: Json) -> str:
    """A type as a person says it, with the bounds that the schema knows."""
    kind = str(field.get("type", "any"))
    if "$ref" in field:
        name = str(field["$ref"]).rsplit("/", 1)[-1]
        text = f"[{name}](#{name.lower()})"
    elif "const" in field:
        text = f"`{json.dumps(field['const'])}`"
    elif "enum" in field:
        text = " or ".join(f"`{item}`" for item in field["enum"])
    elif choices := field.get("anyOf") or field.get("oneOf"):
        kinds = [_type(item) for item in choices if item.get("type") != "null"]
        text = " or ".join(dict.fromkeys(kinds))
    elif kind == "array":
        text = f"list of {_type(field.get('items', {}))}"
    elif kind == "object":
        text = f"map of {_type(_values(field))}"
    else:
        text = f"{kind}{_bounds(field)}"
    return text


def _values(field: Json) -> Json:
    """What a map's values are. One with checked keys says it by their pattern."""
    values = field.get("additionalProperties")
    if not isinstance(values, dict):
        values = next(iter(cast("Json", field.get("patternProperties", {})).values()), {})
    return cast("Json", values)


def _bounds(field: Json) -> str:
    words = {
        "minimum": "≥",
        "exclusiveMinimum": ">",
        "maximum": "≤",
        "exclusiveMaximum": "<",
    }
    found = [f"{word} {field[key]}" for key, word in words.items() if key in field]
    if "pattern" in field:
        found.append(f"`{field['pattern']}`")
    return f" {', '.join(found)}" if found else ""


def rendered() -> dict[str, str]:
    """The files' contents by their path in the project."""
    return {
        SCHEMA: json.dumps(schema(), indent=1, ensure_ascii=False) + "\n",
        PAGE: page(),
    }


def stale(root: Path = ROOT) -> list[str]:
    """Files that are missing or not as the models say."""
    return [
        path
        for path, text in rendered().items()
        if not (root / path).is_file() or (root / path).read_text("utf-8") != text
    ]


def main(arguments: list[str] | None = None) -> int:
    """Writes or checks the files; 1 where one is stale."""
    parser = argparse.ArgumentParser(prog="python -m components.settings.schema")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true", help="write the schema and the page")
    action.add_argument("--check", action="store_true", help="fail if one of them is stale")
    options = parser.parse_args(arguments)
    if options.write:
        for path, text in rendered().items():
            (ROOT / path).parent.mkdir(exist_ok=True)
            (ROOT / path).write_text(text, "utf-8")
        return 0
    found = stale()
    if found:
        sys.stderr.write(
            f"{' and '.join(found)}: not as the models in components/settings say. "
            "Run: python -m components.settings.schema --write\n"
        )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
