"""What replaces functions of the SDK's runtime changes no registration, no output and no error."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from pulumi.runtime import MockCallArgs, MockResourceArgs, resource, stack

from benchmarks import estates
from tests.support.recorder import Answers
from warren.errors import WarrenError
from warren.plan.offline import PlanHandler
from warren.runs.project import Project, read
from warren.sdk import program
from warren.sdk import runtime as sdk_runtime
from warren.sdk.program import Handler, Registered, Registration
from warren.values import Properties

ROOT = Path(__file__).parents[3]
STACKS = {
    file.name.split(".")[1]: file
    for file in (*ROOT.glob("Pulumi.*.yaml"), *ROOT.glob("examples/*/Pulumi.*.yaml"))
}


class Made:
    """Answers as clouds would that have made everything."""

    def __init__(self) -> None:
        self._answers = Answers(preview=False)

    def register(self, registration: Registration) -> Registered:
        identity, outputs = self._answers.new_resource(
            MockResourceArgs(
                typ=registration.type,
                name=registration.name,
                inputs=registration.inputs,
                custom=registration.custom,
            )
        )
        return Registered(identity or "", outputs)

    def invoke(self, token: str, arguments: Properties) -> Properties:
        return self._answers.call(MockCallArgs(token, arguments, ""))[0]


@contextlib.contextmanager
def on_the_sdks_own() -> Generator[None]:
    """Programs run as the SDK runs them."""

    def nothing(_outputs: sdk_runtime.Outputs) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sdk_runtime, "replaced", nothing)
        yield


def outcome(project: Project, handler: Handler, *, dry_run: bool) -> Any:
    """What a run registered, in an order that is not chance, and put out; or how it failed."""
    try:
        found = program.run(project, handler, dry_run=dry_run)
    except Exception as error:
        # Who waited for what failed fails too, and says so; which of them the SDK raises is chance.
        return type(error), str(error).rpartition("has risen: ")[2]
    return sorted(found.registrations, key=lambda item: item.urn), found.outputs


@pytest.mark.parametrize("dry_run", [True, False], ids=["preview", "update"])
@pytest.mark.parametrize("name", STACKS)
def test_stacks_register_what_they_register_on_the_sdks_own(name: str, dry_run: bool) -> None:
    config = yaml.safe_load(STACKS[name].read_text("utf-8"))["config"]
    project = Project(ROOT, "warren", name, config)
    with on_the_sdks_own():
        expected = outcome(project, PlanHandler({}) if dry_run else Made(), dry_run=dry_run)
    found = outcome(project, PlanHandler({}) if dry_run else Made(), dry_run=dry_run)
    assert len(expected[0]) > 50
    assert found == expected


HEAD = """
import asyncio, pulumi
from pulumi import Alias, Output, ResourceOptions
class Thing(pulumi.CustomResource):
    value: Output
    def __init__(self, name, value=None, opts=None):
        super().__init__("test:index:Thing", name, {"value": value}, opts)
def fail(text):
    raise ValueError(text)
"""

PROGRAMS = {
    "raises": "Thing('a')\nfail('at the top')",
    "raises in an apply": "Thing('a', 1).value.apply(lambda _: fail('in an apply'))",
    "raises in an input": "Thing('b', Thing('a', 1).value.apply(lambda _: fail('in an input')))",
    "raises at the end of a chain": """
value = Thing('a', 1).value
for number in range(20):
    value = value.apply(lambda item: item + 1)
value.apply(lambda item: fail(f'at {item}'))
for name in range(10):
    Thing(f'b{name}', value)""",
    "a failure that is recovered": """
value = Thing('a', 1).value.apply(lambda _: fail('unseen'))
pulumi.export('value', value.recover(lambda error: str(error)))""",
    "a failure late in an output of nobody": """
async def late():
    await asyncio.sleep(0.05)
    fail('late')
Output.from_input(late())
Thing('a')""",
    "the provider refuses": "Thing('b', Thing('refused', 1).value)\nThing('c')",
    "made in an apply": """
Thing('a', 1).value.apply(lambda value: Thing('b', value).value.apply(lambda v: Thing('c', v)))
""",
    "an asynchronous program": """
async def main():
    await asyncio.sleep(0.01)
    return {'value': Thing('a', 1).value}
pulumi.run(main)""",
    "an asynchronous program that raises": """
async def main():
    await asyncio.sleep(0.01)
    fail('later')
pulumi.run(main)""",
    "two of one name": "Thing('a')\nThing('a')",
    "aliases of every kind": """
parent = Thing('parent', opts=ResourceOptions(aliases=[Alias(name='former')]))
Thing('a', 1, ResourceOptions(parent=parent, aliases=[
    Alias(type_='test:index:Old'), Alias(name='old', parent=parent), Alias(parent=None),
    Alias(project=Output.from_input('other')), 'urn:pulumi:test::small::test:index:Thing::b']))""",
    "an alias that is none": "Thing('a', 1, ResourceOptions(aliases=[Alias(name=None)]))",
    "secrets and what is not known": """
value = Output.secret(Thing('a', {'b': [Output.secret(1), 2]}).value)
pulumi.export('value', value)
pulumi.export('id', Thing('b', value).id)""",
}


class Refusing(PlanHandler):
    def register(self, registration: Registration) -> Registered:
        if registration.name == "refused":
            raise WarrenError("This is refused.", "Ask for another.")
        return super().register(registration)


@pytest.mark.parametrize("dry_run", [True, False], ids=["preview", "update"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_end_as_they_do_on_the_sdks_own(name: str, dry_run: bool, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (tmp_path / "Pulumi.test.yaml").write_text("config: {}\n")
    (tmp_path / "__main__.py").write_text(f"{HEAD}\n{PROGRAMS[name]}\n")
    project = read(tmp_path, "test")
    with on_the_sdks_own():
        expected = outcome(project, Refusing({}), dry_run=dry_run)
    assert outcome(project, Refusing({}), dry_run=dry_run) == expected


def test_the_sdk_has_its_own_back_afterwards() -> None:
    places: list[tuple[Any, str]] = [
        (stack, "wait_for_rpcs"),
        (resource, "_get_stack_trace"),
        (pulumi.resource, "collapse_alias_to_urn"),
    ]
    own = [getattr(module, name) for module, name in places]
    with pytest.raises(KeyError), sdk_runtime.replaced(sdk_runtime.Outputs()):
        assert all(
            getattr(module, name) is not function
            for (module, name), function in zip(places, own, strict=True)
        )
        raise KeyError
    assert [getattr(module, name) for module, name in places] == own


@contextlib.contextmanager
def counted() -> Generator[list[int]]:
    """Counts calls of Python functions, on all threads: work, whatever else the machine does."""
    count = [0]

    def note(_frame: object, event: str, _argument: object) -> None:
        count[0] += event == "call"

    before = sys.getprofile()
    sys.setprofile(note)
    threading.setprofile(note)
    try:
        yield count
    finally:
        threading.setprofile(None)
        sys.setprofile(before)


def planned(regions: int) -> int:
    """Plans so many regions; how many resources they are."""
    project = Project(ROOT, "warren", f"of{regions}", estates.config(regions))
    return len(program.run(project, PlanHandler({}), dry_run=True).registrations)


def test_work_grows_no_faster_than_regions() -> None:
    planned(3)  # Imports the SDKs, which is not counted.
    resources: list[int] = []
    work: list[int] = []
    for regions in (3, 6, 12):
        with counted() as count:
            resources.append(planned(regions))
        work.append(count[0])
    assert resources[2] - resources[1] == pytest.approx(2 * (resources[1] - resources[0]), rel=0.05)
    # Linear growth has 2; one comparison of each registration with each would have 2.2.
    assert (work[2] - work[1]) / (work[1] - work[0]) < 2.1


def test_a_resource_is_not_made_of_hundreds_of_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is with a URN made of every alias: azure-native has dozens of aliases for a resource."""
    count = 0

    class Counted(sdk_runtime.Outputs):
        def add(self, element: sdk_runtime.Task) -> None:
            nonlocal count
            count += 1
            super().add(element)

    monkeypatch.setattr(sdk_runtime, "Outputs", Counted)
    assert count / planned(3) < 45
