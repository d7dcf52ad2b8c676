"""SDK packages that import their modules one by one are, name by name, what the SDK makes of them."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from pulumi._utils import lazy_import

from warren.sdk import packages as sdk_packages

ROOT = Path(__file__).parents[3]

PLANNED = """
import gc, json, sys
gc.disable()
from pathlib import Path
from warren.plan import offline
from warren.runs.project import read
from warren.plan.state import State
offline.plan(read(Path(), sys.argv[1]), State(Path("nowhere")))
found = {name: type(it).__name__ for name, it in sys.modules.items() if name.startswith("pulumi_")}
print(json.dumps(found))
"""

MEMBERS = """
import gc, importlib, json, sys
gc.disable()
from warren.sdk import packages as sdk_packages
if sys.argv[1] == "lazy":
    sdk_packages.install()

def what(value):
    return [getattr(value, "__module__", ""), getattr(value, "__qualname__", repr(value))]

def members(package, names):
    module = importlib.import_module(package)
    hasattr(module, "any")  # The SDK's own laziness, which is all or nothing, ends here.
    names = names or [name for name in vars(module) if not name.startswith("_")]
    return {name: what(getattr(module, name)) for name in names}

asked = json.load(sys.stdin)
print(json.dumps({package: members(package, names) for package, names in asked.items()}))
"""


def run(script: str, *arguments: str, given: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@cache
def modules(stack: str) -> dict[str, str]:
    """SDK modules that a plan of the stack leaves imported, and the class of each."""
    return json.loads(run(PLANNED, stack))


def test_every_name_of_every_package_in_use_is_the_sdks_own() -> None:
    packages = [name for name, kind in modules("prod").items() if kind == "_Package"]
    assert {"pulumi_aws.ec2", "pulumi_azure_native.network", "pulumi_gcp.compute"} <= {*packages}
    assert "pulumi_kubernetes.core.v1" in packages
    eager = json.loads(run(MEMBERS, "eager", given=json.dumps(dict.fromkeys(packages))))
    names = {package: list(members) for package, members in eager.items()}
    assert sum(map(len, names.values())) > 5000
    # Each name is asked for by itself, last ones first, so that none is there by another's import.
    asked = {package: members[::-1] for package, members in names.items()}
    lazy = json.loads(run(MEMBERS, "lazy", given=json.dumps(asked)))
    for package, members in eager.items():
        differing = {name for name in members if members[name] != lazy[package][name]}
        assert not differing, package


def test_a_plan_imports_the_modules_of_what_it_registers_and_few_others() -> None:
    found = modules("prod")
    assert "pulumi_azure_native.network.virtual_network" in found
    assert "pulumi_azure_native.network.application_gateway" not in found
    # Of 2000; services that are not used are placeholders of the SDK's, and not counted here.
    assert len([name for name in found if name.count(".") > 1]) < 250


def test_a_plan_without_clouds_imports_no_clouds_sdk() -> None:
    found = modules("dev")
    assert not [name for name in found if name.startswith(("pulumi_a", "pulumi_gcp"))]
    assert "pulumi_kubernetes.core.v1" in found


Make = Callable[..., ModuleType]

HEAD = "import builtins as _builtins\nimport typing\n# Export this package's modules as members:\n"


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """A package `pulumi_made.service` of the given files, imported with the finder in place."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    sdk_packages.install()

    def package(init: str, **files: str) -> ModuleType:
        directory = tmp_path / "pulumi_made/service"
        directory.mkdir(parents=True)
        (directory.parent / "__init__.py").write_text("")
        (directory / "__init__.py").write_text(init)
        for name, text in files.items():
            (directory / f"{name}.py").write_text(text)
        importlib.invalidate_caches()
        return importlib.import_module("pulumi_made.service")

    yield package
    for name in [name for name in sys.modules if name.startswith("pulumi_made")]:
        del sys.modules[name]


def loaded() -> set[str]:
    prefix = "pulumi_made.service."
    return {name.removeprefix(prefix) for name in sys.modules if name.startswith(prefix)}


STARS = HEAD + "from .big_thing import *\nfrom .Pod import *\nfrom ._inputs import *\n"
THINGS = {
    "big_thing": "__all__ = ['BigThing', 'BigThingArgs', 'oddly_named']\n"
    "class BigThing: pass\nclass BigThingArgs: pass\noddly_named = 1\nhidden = 2\n",
    "Pod": "__all__ = ['Pod']\nclass Pod: pass\n",
    "_inputs": "__all__ = ['SpecArgs']\nclass SpecArgs: pass\n",
}


def test_a_module_is_imported_when_its_name_is_asked_for(make: Make) -> None:
    package = make(STARS, **THINGS)
    assert loaded() == set()
    assert package.BigThingArgs.__name__ == "BigThingArgs"
    assert loaded() == {"big_thing"}
    assert package.BigThing is sys.modules["pulumi_made.service.big_thing"].BigThing
    assert package.SpecArgs.__name__ == "SpecArgs"
    assert loaded() == {"big_thing", "_inputs"}


def test_a_name_that_tells_nothing_of_its_module_is_found(make: Make) -> None:
    assert make(STARS, **THINGS).oddly_named == 1


def test_a_class_stands_over_the_module_of_its_name(make: Make) -> None:
    package = make(STARS, **THINGS)
    importlib.import_module("pulumi_made.service.Pod")
    assert isinstance(package.Pod, type)


def test_a_module_may_be_imported_before_its_package(make: Make) -> None:
    """The SDKs' packages are placeholders at first, which know nothing of who imports from them."""
    package = make(STARS, **THINGS)
    del sys.modules["pulumi_made.service"]
    package = lazy_import("pulumi_made.service")
    module = importlib.import_module("pulumi_made.service.big_thing")
    assert type(package).__name__ == "_LazyModule"
    assert package.BigThing is module.BigThing
    assert loaded() == {"big_thing"}


def test_modules_that_import_each_other_by_their_package(make: Make) -> None:
    first = "__all__ = ['One']\nfrom . import second\nclass One: pass\n"
    second = "__all__ = ['Two']\nfrom . import first\nclass Two: pass\n"
    stars = HEAD + "from .first import *\nfrom .second import *\nfrom . import outputs\n"
    package = make(stars, first=first, second=second, outputs="")
    assert (package.One.__name__, package.Two.__name__) == ("One", "Two")


def test_what_is_not_there_is_missed_as_ever(make: Make) -> None:
    package = make(STARS, **THINGS)
    with pytest.raises(AttributeError, match=r"'pulumi_made.service' has no attribute 'hidden'"):
        _ = package.hidden
    assert not hasattr(package, "__wrapped__")


def test_everything_is_there_for_who_takes_everything(make: Make) -> None:
    package = make(STARS, **THINGS)
    taken: dict[str, object] = {}
    exec("from pulumi_made.service import *", taken)  # noqa: S102 - has no other form
    assert {"BigThing", "BigThingArgs", "Pod", "SpecArgs", "oddly_named"} <= {*taken}
    assert {"BigThing", "Pod", "SpecArgs"} <= {*dir(package)}


def test_an_error_in_a_module_is_told_as_it_is(make: Make) -> None:
    package = make(STARS, **{**THINGS, "big_thing": "raise RuntimeError('broken')\n"})
    with pytest.raises(RuntimeError, match="broken"):
        _ = package.BigThing


def test_a_package_that_does_something_is_imported_as_ever(make: Make) -> None:
    package = make(STARS + "count = 1 + 1\n", **THINGS)
    assert package.count == 2
    assert loaded() == {"big_thing", "Pod", "_inputs"}
