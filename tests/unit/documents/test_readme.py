"""What the README shows is what the program says today."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text("utf-8")


def plain(text: str) -> list[str]:
    """Lines that say something, without the heading's marks."""
    lines = (re.sub(r"^#+ |\*\*", "", line).rstrip() for line in text.splitlines())
    return [line for line in lines if line]


def test_the_comment_shown_is_the_golden_one() -> None:
    match = re.search(r"<!-- golden: (\S+) -->\n(.*?)<!-- end -->", README, re.S)
    assert match
    golden = plain((ROOT / "tests/golden/against" / f"{match[1]}.md").read_text("utf-8"))
    shown = plain(match[2])
    assert len(shown) > 5
    assert [line for line in shown if line not in golden] == []
    assert shown[0] == golden[0]


def test_files_that_it_leads_to_exist() -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", README)
    assert len(links) > 5
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_sections_that_it_leads_to_exist() -> None:
    titles = re.findall(r"^#+ (.+)$", README, re.M)
    anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    assert [link for link in re.findall(r"\]\(#([^)]+)\)", README) if link not in anchors] == []
