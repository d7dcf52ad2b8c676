"""Three functions of the SDK's runtime, replaced while a program runs in this process.

Each replacement leaves every registration, output and error as it is (the tests hold runs with and
without them against each other) and takes away work that nobody here sees the result of:

- `stack.wait_for_rpcs` waits for all outstanding outputs again each time that one of them is there:
  thousands of outputs a hundred times, most of a plan's time. Ours waits for each output once.
- `runtime.resource._get_stack_trace` tells the Pulumi engine which line registered a resource; it
  looks up files for each frame. The monitor here does not want to know.
- `resource.collapse_alias_to_urn` makes the URN of every alias by a dozen outputs. They are for
  engines that don't understand aliases as the SDK has them; azure-native brings thousands.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, cast

import pulumi
from pulumi.runtime import resource, settings, stack
from pulumi.runtime.proto import source_pb2

Task = asyncio.Future[Any]

_PARTS = ("name", "type_", "parent", "project", "stack")

# The SDK's function, whatever replaces them later.
_collapse: Callable[..., Any] = getattr(pulumi.resource, "collapse_alias_to_urn")  # noqa: B009


class Outputs(set[Task]):
    """The SDK's set of outstanding outputs; also tells what was added since it was last asked."""

    def __init__(self) -> None:
        super().__init__()
        self._added: list[Task] = []

    def add(self, element: Task) -> None:
        super().add(element)
        self._added.append(element)

    def news(self) -> list[Task]:
        """What was added since the last call and is still outstanding."""
        added, self._added = self._added, []
        return [task for task in added if task in self]


@contextmanager
def replaced(outputs: Outputs) -> Generator[None]:
    """Replaces the functions; gives the SDK its own back at the end.

    Args:
        outputs: the set that the SDK's settings of this run have.
    """

    async def wait(await_all_outstanding_tasks: bool = True) -> None:
        await _wait(outputs if await_all_outstanding_tasks else Outputs())

    replacements: list[tuple[ModuleType, str, Any]] = [
        (stack, "wait_for_rpcs", wait),
        (resource, "_get_stack_trace", source_pb2.StackTrace),
        (cast("ModuleType", pulumi.resource), "collapse_alias_to_urn", _alias),
    ]
    own = [(module, name, getattr(module, name)) for module, name, _ in replacements]
    for module, name, function in replacements:
        setattr(module, name, function)
    try:
        yield
    finally:
        for module, name, function in own:
            setattr(module, name, function)


async def _wait(outputs: Outputs) -> None:
    """Waits until no RPC and no output is outstanding; raises the first failure of one.

    Outputs that fail stay in the SDK's set (`Output._track`), so that somebody raises their error; one
    that another output has taken over (`Output._untrack`) is no longer in it.
    """
    manager = cast("Any", settings.SETTINGS).rpc_manager
    done: deque[Task] = deque()
    woken = asyncio.Event()

    def note(task: Task) -> None:
        done.append(task)
        woken.set()

    while True:
        while manager.rpcs:
            await asyncio.sleep(0)
            try:
                await manager.rpcs.pop()
            except Exception as error:
                if manager.unhandled_exception is None:
                    raise
                raise error from manager.unhandled_exception.with_traceback(
                    manager.exception_traceback
                )
        if manager.unhandled_exception is not None:
            raise manager.unhandled_exception.with_traceback(manager.exception_traceback)
        while True:
            for task in outputs.news():
                task.add_done_callback(note)
            while done:
                # The first that failed: the cause of what failed after it.
                task = done.popleft()
                if task in outputs:
                    outputs.discard(task)
                    await task
            if not outputs:
                break
            await woken.wait()
            woken.clear()
        if not manager.rpcs:
            return


def _alias(alias: Any, *defaults: Any) -> Any:
    """An alias as it is, where the SDK's function could do nothing but make a URN of it."""
    if isinstance(alias, pulumi.Alias):
        values: list[Any] = [getattr(alias, name) for name in _PARTS]
        if all(isinstance(value, str) or value is ... for value in values):
            return alias
    return _collapse(alias, *defaults)
