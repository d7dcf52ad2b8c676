"""Runs the Pulumi program in this process, on a monitor of ours instead of the Pulumi engine's.

The SDK has a mock monitor for tests (`pulumi.runtime.mocks`). This one takes its place, keeps the
whole of each registration, and lets a handler answer: the offline plan with what would be, the
embedded engine with what it has just made.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import logging
import os
import runpy
import sys
import threading
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

import pulumi
from google.protobuf import empty_pb2
from pulumi.runtime import mocks, proto, settings, stack

from warren.errors import WarrenError
from warren.runs.project import Project
from warren.sdk import runtime as sdk_runtime
from warren.sdk.structs import from_struct, to_struct
from warren.values import Properties, secret

ROOT_TYPE = "pulumi:pulumi:Stack"

WORKERS = 64
"""Registrations under way at once; most of them wait for pods."""


@dataclass(frozen=True)
class Registration:
    """A resource as the program registered it."""

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    inputs: Properties
    provider: str
    dependencies: Sequence[str]
    protect: bool
    retain_on_delete: bool
    delete_before_replace: bool
    ignore_changes: Sequence[str]
    secret_outputs: Sequence[str]
    timeouts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Registered:
    """The answer to a registration: `id` is "" while it is not known."""

    id: str
    outputs: Properties


class Handler(Protocol):
    """Answers registrations. Called on several threads at once."""

    def register(self, registration: Registration) -> Registered:
        """Makes the resource, or says what would be made."""
        ...

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """Answers a provider's function."""
        ...


@dataclass(frozen=True)
class Run:
    """What a program registered, and its stack's outputs."""

    registrations: Sequence[Registration]
    outputs: Properties


class _Monitor(mocks.MockMonitor):
    # The methods are named by Pulumi's protocol.
    def __init__(self, handler: Handler) -> None:
        super().__init__(cast("mocks.Mocks", None))
        self._handler = handler
        self._lock = threading.Lock()
        self.failure: BaseException | None = None
        self.registrations: dict[str, Registration] = {}
        self.outputs: Properties = {}
        self.root = ""

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        # As the engine makes them: with the types of all parents but the stack's.
        if parent and parent.split("::")[2] != ROOT_TYPE:
            type_ = f"{parent.split('::')[2]}${type_}"
        return "urn:pulumi:" + "::".join([pulumi.get_stack(), pulumi.get_project(), type_, name])

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == ROOT_TYPE:
            self.root = urn
            return proto.resource_pb2.RegisterResourceResponse(urn=urn)
        registration = _registration(urn, request)
        with self._lock:
            if self.failure is not None:
                raise WarrenError("Not started, since another resource failed.", "")
            if urn in self.registrations:
                raise WarrenError(
                    f"Two resources are called {urn}.", "Give one of them another logical name."
                )
            self.registrations[urn] = registration
        try:
            answer = self._handler.register(registration)
        except BaseException as error:
            self.failure = self.failure or error
            raise
        outputs = dict(answer.outputs)
        for key in registration.secret_outputs:
            if key in outputs:
                outputs[key] = secret(outputs[key])
        return proto.resource_pb2.RegisterResourceResponse(
            urn=urn, id=answer.id, object=to_struct(outputs)
        )

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        if request.urn == self.root:
            self.outputs = from_struct(request.outputs)
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        answer = self._handler.invoke(request.tok, from_struct(request.args))
        fields: dict[str, Any] = {"return": to_struct(answer)}
        return proto.resource_pb2.ResourceInvokeResponse(**fields)

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        raise WarrenError(
            f"The program reads an existing {request.type} ('{request.name}').",
            "Only the pulumi CLI can do that; install it and use --engine pulumi.",
        )


def _registration(urn: str, request: Any) -> Registration:
    return Registration(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=request.parent,
        custom=bool(request.custom),
        inputs=from_struct(request.object),
        provider=request.provider.rpartition("::")[0] if request.provider else "",
        dependencies=sorted(
            {
                *request.dependencies,
                *(urn for item in request.propertyDependencies.values() for urn in item.urns),
            }
        ),
        protect=bool(request.protect),
        retain_on_delete=bool(request.retainOnDelete),
        delete_before_replace=bool(request.deleteBeforeReplace),
        ignore_changes=list(request.ignoreChanges),
        secret_outputs=list(request.additionalSecretOutputs),
        timeouts={
            key: getattr(request.customTimeouts, key)
            for key in ("create", "update", "delete")
            if getattr(request.customTimeouts, key)
        },
    )


def run(project: Project, handler: Handler, *, dry_run: bool) -> Run:
    """Runs the project's `__main__.py`.

    Args:
        project: which program, and the stack's config.
        handler: answers the registrations.
        dry_run: whether outputs may be unknown.

    Raises:
        WarrenError: of the handler, or there is no program.
        Exception: whatever the program raised, as it raised it.
    """
    project.refuse_encrypted()
    program = project.directory / "__main__.py"
    if not program.is_file():
        raise WarrenError(
            f"{program} does not exist.", "Give --cwd the directory with the program.", exit_code=2
        )
    monitor = _Monitor(handler)
    # A context of its own: the SDK keeps its settings in context variables.
    try:
        contextvars.copy_context().run(_run, project, monitor, dry_run)
    except Exception as error:
        # Which of several failures the SDK raises is chance; the first is the cause of the others.
        if monitor.failure is not None and monitor.failure is not error:
            raise monitor.failure from None
        raise
    return Run(list(monitor.registrations.values()), monitor.outputs)


def _run(project: Project, monitor: _Monitor, dry_run: bool) -> None:
    callers = _loop_of_the_caller()
    loop = asyncio.new_event_loop()
    workers = concurrent.futures.ThreadPoolExecutor(WORKERS, thread_name_prefix="resource")
    loop.set_default_executor(workers)
    asyncio.set_event_loop(loop)
    # After a failure, everything that waited for the failed resource fails too: one error is enough.
    loop.set_exception_handler(lambda _loop, _context: None)
    # The SDK logs what it also raises.
    logger = logging.getLogger("warren.program")
    logger.setLevel(logging.CRITICAL)
    outputs = sdk_runtime.Outputs()
    settings.configure(
        mocks.MockSettings(
            # Those of an earlier run in this process are none of this one's.
            outputs=outputs,
            monitor=monitor,
            monitor_features=set(monitor.GetDeploymentInfo(empty_pb2.Empty()).supportedFeatures),
            engine=mocks.MockEngine(logger),
            project=project.name,
            stack=project.stack,
            dry_run=dry_run,
            organization="organization",
            callbacks=None,
        )
    )
    settings.set_root_resource(cast("Any", None))
    pulumi.runtime.set_all_config(project.runtime_config())
    before, path = Path.cwd(), list(sys.path)
    os.chdir(project.directory)
    sys.path.insert(0, str(project.directory))
    try:
        with sdk_runtime.replaced(outputs):
            loop.run_until_complete(
                stack.run_in_stack(
                    lambda: _discard(runpy.run_path("__main__.py", run_name="__main__"))
                )
            )
    finally:
        # What has begun is finished and recorded, also when something else failed.
        workers.shutdown(wait=True)
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        asyncio.set_event_loop(callers)
        os.chdir(before)
        sys.path[:] = path


def _loop_of_the_caller() -> asyncio.AbstractEventLoop | None:
    """The thread's event loop, which is given back: whoever uses the SDK afterwards asks for it."""
    try:
        with warnings.catch_warnings():
            # Some Pythons make one here and say that later ones will not.
            warnings.simplefilter("ignore", DeprecationWarning)
            return asyncio.get_event_loop()
    except RuntimeError:
        return None


def _discard(_value: object) -> None:
    return
