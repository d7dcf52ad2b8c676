"""Status for people."""

from __future__ import annotations

from warren.estate.status import EstateStatus


def status_table(status: EstateStatus) -> str:
    """The estate in a few lines: verdict, regions, links, what is wrong."""
    lines = [
        f"{status.stack}: {status.verdict.upper()}   primary {status.primary}, epoch {status.epoch}",
        "",
        f"{'region':<12}{'role':<10}{'nodes':<8}{'version':<10}{'AMQPS':<34}certificate",
    ]
    for name, region in sorted(status.regions.items()):
        nodes = f"{region.nodes_ready}/{region.nodes_wanted}" if region.reachable else "?"
        lines.append(
            f"{name:<12}{region.role:<10}{nodes:<8}{region.version or '?':<10}"
            f"{region.amqps:<34}{region.server_name}"
        )
    if status.links:
        lines += ["", f"{'link':<24}{'kind':<12}{'state':<22}lag (messages)"]
        for link in status.links:
            lag = "?" if link.lag_messages is None else str(link.lag_messages)
            lines.append(f"{link.name:<24}{link.kind:<12}{link.state:<22}{lag}")
    if status.problems:
        lines += ["", "wrong:", *(f"  {text}" for text in status.problems)]
    if any(region.drift for region in status.regions.values()):
        lines += [
            "",
            "Brokers differ from what is declared; this puts them right: "
            f"warren up --stack {status.stack}",
        ]
    return "\n".join(lines)
