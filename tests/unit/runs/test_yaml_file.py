"""Whatever lies in a stack's file ends in plain values or in one paragraph with the file and a remedy."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from warren.errors import WarrenError
from warren.runs.project import read

LAUGHS = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)

WRONG: list[tuple[str, str | bytes, str]] = [
    ("list", "config: []\n", "config is no mapping"),
    ("text", "config: hello\n", "config is no mapping"),
    ("null-key", "config:\n  ~: x\n", "put quotes around it"),
    ("integer-key", "config:\n  5: x\n", "the key '5' is no text"),
    ("norway", "config:\n  warren:regions:\n    no: {}\n", "true or false"),
    ("truth", "config:\n  warren:regions:\n    true: {}\n", "the key 'true' is no text"),
    ("on", "config:\n  warren:broker: { replicas: on }\n", "true or false"),
    ("date", "config:\n  warren:x: 2026-11-24\n", "put quotes around it"),
    ("binary", "config:\n  warren:x: !!binary aGVsbG8=\n", "put quotes around it"),
    ("set", "config:\n  warren:x: !!set { a }\n", "a tag is not taken"),
    ("octal", "config:\n  warren:x: 012345670123\n", "another number than it looks"),
    ("sexagesimal", "config:\n  warren:x: 14:00\n", "another number than it looks"),
    ("huge", f"config:\n  warren:x: {'9' * 5000}\n", "too long a one"),
    ("anchor", "config: &a\n  warren:x: *a\n", "stands within itself"),
    ("deep", "config: " + "[" * 20_000, "nested deeper"),
    ("laughs", LAUGHS, "aliases counted"),
    ("twice", "config:\n  a:b: 1\n  a:b: 2\n", "stands there twice"),
    ("documents", "config: {}\n---\nconfig: {}\n", "second document"),
    ("open", "config: {\n", "is no YAML"),
    ("utf-16", "config: {}\n".encode("utf-16"), "not in UTF-8"),
    ("latin-1", "config:\n  a:b: \xe9\n".encode("latin-1"), "line 2: it is not in UTF-8"),
    ("control", "config: \x01\n", "is no YAML"),
    ("empty", "", "holds no mapping"),
    ("large", "#" * 3_000_000, "larger than"),
]


def write(directory: Path, content: str | bytes, name: str = "Pulumi.dev.yaml") -> None:
    data = content.encode() if isinstance(content, str) else content
    (directory / "Pulumi.yaml").write_text("name: warren\n")
    (directory / "Pulumi.dev.yaml").write_text("config: {}\n")
    (directory / name).write_bytes(data)


@pytest.mark.parametrize("name", ["Pulumi.dev.yaml", "Pulumi.yaml"])
@pytest.mark.parametrize(
    ("content", "said"), [item[1:] for item in WRONG], ids=[item[0] for item in WRONG]
)
def test_a_wrong_file_is_one_paragraph(
    tmp_path: Path, content: str | bytes, said: str, name: str
) -> None:
    write(tmp_path, content, name)
    begun = time.process_time()
    with pytest.raises(WarrenError) as caught:
        read(tmp_path, "dev")
    assert time.process_time() - begun < 5
    assert said in str(caught.value)
    assert name in str(caught.value)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


def test_places_that_are_none(tmp_path: Path) -> None:
    write(tmp_path, "config: {}\n")
    with pytest.raises(WarrenError, match="no directory"):
        read(tmp_path / "Pulumi.yaml", "dev")
    (tmp_path / "Pulumi.dir.yaml").mkdir()
    with pytest.raises(WarrenError, match="can't be read"):
        read(tmp_path, "dir")


def test_plain_values_anchors_and_merges_are_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        "config:\n"
        "  warren:a: &a { x: 1, y: -2.5, z: true, n: null, t: 'no', u: \"012\" }\n"
        "  warren:b: { <<: *a, x: 2 }\n"
        "  warren:c: [*a, mq.example.com, 4Gi]\n",
    )
    a = {"x": 1, "y": -2.5, "z": True, "n": None, "t": "no", "u": "012"}
    config = read(tmp_path, "dev").config
    assert config == {
        "warren:a": a,
        "warren:b": {**a, "x": 2},
        "warren:c": [a, "mq.example.com", "4Gi"],
    }
