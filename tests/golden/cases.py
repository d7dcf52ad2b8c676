"""Changes that a pull request may make to a stack, and what `warren plan --against` says of each.

The answers are the files in `against/`, whole, as text and as Markdown. When what they say changes on
purpose, `python -m tests.golden` writes them anew; their diff is then part of the review. Tests only
ever read them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from warren.comparison import text as comparison
from warren.comparison.compare import Comparison, compare
from warren.comparison.description import describe
from warren.runs.project import Project

HERE = Path(__file__).parent
ANSWERS = HERE / "against"
ROOT = HERE.parents[1]

Config = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A crafted change: the file in `stacks/` that it begins from, and what it does to its config."""

    stack: str
    change: Callable[[Config], object]


def _new_region(config: Config) -> None:
    config["warren:regions"]["ane1"] = {
        "cloud": "gcp",
        "project": "example-messaging",
        "project_number": "123456789012",
        "region": "asia-northeast1",
        "api": {"authorized": ["203.0.113.0/26"]},
        "network": {"cidr": "10.30.0.0/16"},
    }
    config["warren:links"].append(
        {
            "kind": "federation",
            "from": "use1",
            "to": "ane1",
            "vhost": "orders",
            "exchanges": "^orders$",
        }
    )
    config["warren:dr"]["standby"].append("ane1")


def _removed_region(config: Config) -> None:
    del config["warren:regions"]["weu"]
    config["warren:links"] = []
    config["warren:dr"]["standby"] = []


def _renamed_region(config: Config) -> None:
    config["warren:regions"]["north"] = config["warren:regions"].pop("west")
    config["warren:links"][0]["to"] = "north"
    config["warren:dr"]["standby"] = ["north"]


def _machines(config: Config) -> None:
    config["warren:regions"]["use1"]["nodes"] = {"machine_type": "m7i.2xlarge"}
    config["warren:regions"]["weu"]["nodes"] = {"machine_type": "Standard_D8s_v5"}


def _ranges(config: Config) -> None:
    config["warren:broker"]["service"]["allowed_sources"] = ["198.51.100.0/25", "192.0.2.0/28"]
    config["warren:regions"]["weu"]["api"]["authorized"].append("203.0.113.64/26")


def _removed_queue(config: Config) -> None:
    shop = config["warren:topology"]["vhosts"]["shop"]
    del shop["queues"]["refunds"]
    shop["bindings"].pop()


def _failover(config: Config) -> None:
    config["warren:dr"] = {"primary": "west", "standby": ["east"], "epoch": 2}


def _broker(key: str, value: object) -> Callable[[Config], object]:
    return lambda config: config["warren:broker"].update({key: value})


def _region(name: str, key: str, value: object) -> Callable[[Config], object]:
    return lambda config: config["warren:regions"][name].update({key: value})


def _queue(key: str, value: object) -> Callable[[Config], object]:
    return lambda config: config["warren:topology"]["vhosts"]["shop"]["queues"][
        "orders.work"
    ].update({key: value})


CASES: Mapping[str, Case] = {
    "no-change": Case("shop", lambda config: None),
    "resized-disk": Case("trading", _broker("storage", "200Gi")),
    "more-brokers": Case("shop", _broker("replicas", 5)),
    "fewer-brokers": Case("shop", _region("west", "broker", {"replicas": 1})),
    "more-memory": Case("shop", _broker("resources", {"memory": "6Gi"})),
    "other-storage-class": Case("shop", _region("east", "storage_class", {"name": "fast"})),
    "volumes-not-retained": Case("trading", _region("use1", "storage", {"reclaim": "Delete"})),
    "removed-link": Case("shop", lambda config: config["warren:links"].clear()),
    "renamed-region": Case("shop", _renamed_region),
    "new-region": Case("trading", _new_region),
    "removed-region": Case("trading", _removed_region),
    "other-machines": Case("trading", _machines),
    "protection-off": Case("trading", _region("weu", "protect", False)),
    "other-ranges": Case("trading", _ranges),
    "shorter-certificates": Case(
        "shop", lambda config: config.update({"warren:tls": {"certificate_validity": "180d"}})
    ),
    "new-user": Case(
        "shop",
        lambda config: config["warren:topology"].update({"users": {"till": {"role": "producer"}}}),
    ),
    "removed-queue": Case("shop", _removed_queue),
    "removed-vhost": Case("shop", lambda config: config["warren:topology"]["vhosts"].pop("audit")),
    "queue-limit": Case("shop", _queue("max_length", 2000)),
    "queue-arguments": Case("shop", _queue("single_active_consumer", True)),
    "other-primary": Case("shop", _failover),
}


def compared(name: str) -> Comparison:
    """What a case's change amounts to."""
    return compared_case(CASES[name])


def compared_case(case: Case, before: Callable[[Config], object] | None = None) -> Comparison:
    """What a change amounts to, from the stack's file or from what `before` has made of it."""
    config = copy.deepcopy(_config(case.stack))
    base = _base(case.stack)
    if before is not None:
        before(config)
        base = _described(case.stack, config)
    case.change(config)
    return compare(case.stack, "main", base, _described(case.stack, config))


def answers(name: str) -> dict[Path, str]:
    """The files of a case, and what should be in them."""
    found = compared(name)
    return {
        ANSWERS / f"{name}.txt": comparison.text(found) + "\n",
        ANSWERS / f"{name}.md": comparison.markdown(found) + "\n",
    }


@cache
def _config(stack: str) -> Config:
    return cast(
        "Config",
        yaml.safe_load((HERE / "stacks" / f"{stack}.yaml").read_text("utf-8"))["config"],
    )


@cache
def _base(stack: str) -> dict[str, Any]:
    return _described(stack, _config(stack))


def _described(stack: str, config: Config) -> dict[str, Any]:
    return describe(Project(ROOT, "warren", stack, config), salt="the same in both")
