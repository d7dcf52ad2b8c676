"""A comparison as a small picture of the estate (Mermaid): regions, links, what happens to each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from warren.comparison.compare import ESTATE, Comparison, Difference, Fate

MARKS = {"added": "+", "changed": "~", "replaced": "±", "removed": "-"}

_STYLES: Mapping[Fate, str] = {
    "added": "fill:#dafbe1,stroke:#1a7f37,color:#000",
    "changed": "fill:#fff8c5,stroke:#9a6700,color:#000",
    "removed": "fill:#ffebe9,stroke:#cf222e,color:#000,stroke-dasharray:4",
    "same": "fill:#f6f8fa,stroke:#8c959f,color:#000",
}


def place_counts(comparison: Comparison, place: str) -> str:
    """Such as "+2 ~1 -3" for the resources of a place; "" where none differs."""
    return counted(item for item in comparison.differences if item.place == place)


def counted(differences: Iterable[Difference]) -> str:
    """Such as "+2 ~1 -3"; "" where there are none."""
    found = Counter(item.kind for item in differences)
    return " ".join(f"{mark}{found[kind]}" for kind, mark in MARKS.items() if found[kind])


def diagram(comparison: Comparison) -> list[str]:
    """Lines of a Mermaid block."""
    lines = ["```mermaid", "flowchart LR"]
    numbers = {region.name: f"r{number}" for number, region in enumerate(comparison.regions)}
    for region in comparison.regions:
        fate = {"added": "new", "removed": "REMOVED"}.get(region.fate, "")
        told = [region.name, f"{region.cloud}, {region.role}", fate]
        told.append(place_counts(comparison, region.name))
        label = "<br/>".join(_plain(text) for text in told if text)
        lines.append(f'  {numbers[region.name]}["{label}"]:::{region.fate}')
    counts = place_counts(comparison, ESTATE)
    if counts:
        lines.append(f'  e(["CA, users, names<br/>{counts}"]):::changed')
    for link in comparison.links:
        source, target = numbers[link.source], numbers[link.target]
        kind = _plain(link.kind)
        arrow = {
            "added": f"==>|new {kind}|",
            "removed": f"-.->|removed {kind}|",
        }.get(link.fate, "-->")
        lines.append(f"  {source} {arrow} {target}")
    lines += [f"  classDef {fate} {style}" for fate, style in _STYLES.items()]
    return [*lines, "```", ""]


def _plain(text: str) -> str:
    """Without what Mermaid would take for syntax."""
    return re.sub(r"[^\w +~±.,:/-]", "_", text)
