"""The real Pulumi engine, through the Automation API, on the same project directory."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from warren.engines.base import Options, Result
from warren.engines.pulumi import recovery as pulumi_recovery
from warren.engines.pulumi import state as pulumi_state
from warren.engines.pulumi.errors import explained
from warren.engines.pulumi.events import Told
from warren.plan.model import Plan
from warren.runs.progress import Progress
from warren.runs.project import Project
from warren.values import MASK, Properties, secret

if TYPE_CHECKING:
    from pulumi import automation


class PulumiEngine:
    """Runs the project by the `pulumi` on PATH.

    Args:
        project: program and stack.
        options: `rebuilt` compares what pulumi remembers with what is there before it does anything;
            `skip_unreachable` lets `down` forget what is in clusters that do not answer.
    """

    name = "pulumi"

    def __init__(self, project: Project, options: Options = Options()) -> None:  # noqa: B008
        self.project = project
        self.options = options

    def preview(self, progress: Progress) -> Plan:
        """`pulumi preview`. A stack that is not there yet is previewed in a backend for the moment."""
        with contextlib.ExitStack() as until, explained(self.project) as told:
            backend = pulumi_state.backend_of(self.project)
            stack = self._select(backend, progress)
            base: Path | None = None
            if stack is None:
                base = Path(until.enter_context(tempfile.TemporaryDirectory(prefix="warren-")))
                stack = self._create(pulumi_state.private_backend(base), progress, base)
            told.by(Told(progress, planning=True))
            self._announce_venv(progress)
            stack.preview(
                on_event=told.events,
                refresh=self.options.rebuilt,
                config_file=str(pulumi_state.settings_copy(self.project, base)),
            )
        return Plan(self.project.stack, told.events.steps, told.events.outputs)

    def up(self, progress: Progress) -> Result:
        """`pulumi up`. Makes the stack if it is not there."""
        backend = pulumi_state.backend_of(self.project)
        with explained(self.project, backend) as told:
            progress(f"pulumi keeps this stack in {backend.text}")
            stack = self._select(backend, progress) or self._create(backend, progress)
            self._break_dead_lock(stack, backend, progress)
            pulumi_state.mark(self.project, backend)
            told.by(Told(progress))
            self._announce_venv(progress)
            self._up(stack, told.events, progress)
            outputs = self._outputs(stack)
        return Result(told.events.counts, told.events.changed, outputs)

    def _up(self, stack: automation.Stack, told: Told, progress: Progress) -> None:
        settings = str(pulumi_state.settings_copy(self.project))
        workspace = cast("automation.LocalWorkspace", stack.workspace)
        left = pulumi_recovery.remembered(stack)
        left.tell(self.project.stack, progress)
        if left.protected:
            # pulumi would find a protected resource that is to go only after it has changed others.
            stack.preview(
                on_event=told.planning(), refresh=self.options.rebuilt, config_file=settings
            )
        env = dict(workspace.env_vars)
        if left.names:
            workspace.env_vars = {**env, **pulumi_recovery.UPSERT}
        stack.up(
            on_event=told,
            refresh=self.options.rebuilt,
            show_secrets=False,
            config_file=settings,
        )
        if left.names:
            # The providers learn again to refuse what is there already.
            workspace.env_vars = env
            if not left.foreign:
                stack.refresh(clear_pending_creates=True, show_secrets=False, config_file=settings)
            stack.up(show_secrets=False, config_file=settings)

    def down(self, progress: Progress) -> Result:
        """`pulumi destroy`. The stack itself and its history stay."""
        backend = pulumi_state.backend_of(self.project)
        with explained(self.project, backend) as told:
            stack = self._select(backend, progress)
            if stack is None:
                return Result({}, [], {})
            self._break_dead_lock(stack, backend, progress)
            pulumi_recovery.remembered(stack).refuse_protected()
            told.by(Told(progress))
            if self.options.skip_unreachable:
                stack.workspace.env_vars = {
                    **stack.workspace.env_vars,
                    "PULUMI_K8S_DELETE_UNREACHABLE": "true",
                }
            stack.destroy(
                on_event=told.events,
                refresh=self.options.rebuilt,
                show_secrets=False,
                config_file=str(pulumi_state.settings_copy(self.project)),
            )
            pulumi_state.unmark(self.project)
        return Result(told.events.counts, told.events.changed, {})

    def outputs(self) -> Properties | None:
        """`pulumi stack output`; None when the stack is not there or holds nothing."""
        with explained(self.project):
            stack = self._select(pulumi_state.backend_of(self.project), lambda _text: None)
            found = self._outputs(stack) if stack is not None else {}
        return found or None

    def _workspace(
        self, backend: pulumi_state.Backend, progress: Progress, directory: Path
    ) -> automation.LocalWorkspace:
        from pulumi import automation

        from warren.engines.pulumi.process import Pulumi

        written = self.project.directory / f"Pulumi.{self.project.stack}.yaml"
        return automation.LocalWorkspace(
            work_dir=str(directory),
            env_vars={**backend.env, "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true"},
            secrets_provider=pulumi_state.secrets_provider(written),
            pulumi_command=Pulumi(progress),
        )

    def _select(self, backend: pulumi_state.Backend, progress: Progress) -> automation.Stack | None:
        from pulumi import automation

        workspace = self._workspace(backend, progress, self.project.directory)
        try:
            return automation.Stack.select(self.project.stack, workspace)
        except automation.StackNotFoundError:
            return None

    def _create(
        self, backend: pulumi_state.Backend, progress: Progress, base: Path | None = None
    ) -> automation.Stack:
        from pulumi import automation

        # Made in the directory of the settings' copy: pulumi writes its salt beside Pulumi.yaml.
        copy = pulumi_state.settings_copy(self.project, base)
        self._workspace(backend, progress, copy.parent).create_stack(self.project.stack)
        workspace = self._workspace(backend, progress, self.project.directory)
        return automation.Stack.select(self.project.stack, workspace)

    def _break_dead_lock(
        self, stack: automation.Stack, backend: pulumi_state.Backend, progress: Progress
    ) -> None:
        holder = pulumi_state.dead_lock(self.project, backend)
        if holder is not None:
            progress(f"the last update was killed (process {holder}); its lock is taken away")
            stack.cancel()

    def _announce_venv(self, progress: Progress) -> None:
        venv = pulumi_state.virtual_environment(self.project)
        if venv is not None and not venv.exists():
            progress(
                f"{venv} is not there: pulumi makes it and installs requirements.txt, which takes "
                "a minute or two"
            )

    def _outputs(self, stack: automation.Stack) -> Properties:
        """Marked secret at every depth: the Automation API tells only of whole outputs."""
        workspace = cast("automation.LocalWorkspace", stack.workspace)

        def ask(*flags: str) -> Properties:
            result = workspace.pulumi_command.run(
                ["stack", "output", "--json", *flags, "--stack", stack.name],
                workspace.work_dir,
                workspace.env_vars,
            )
            return cast("Properties", json.loads(result.stdout or "{}"))

        masked, plain = ask(), ask("--show-secrets")
        return {key: _marked(plain[key], masked.get(key, MASK)) for key in plain}


def _marked(plain: Any, masked: Any) -> Any:
    if masked == plain:
        return plain
    if isinstance(plain, dict) and isinstance(masked, dict):
        items = cast("dict[str, Any]", plain).items()
        return {key: _marked(item, cast("Properties", masked).get(key)) for key, item in items}
    if isinstance(plain, list) and isinstance(masked, list):
        pairs = zip(cast("list[Any]", plain), cast("list[Any]", masked), strict=True)
        return [_marked(item, hidden) for item, hidden in pairs]
    return secret(plain)
