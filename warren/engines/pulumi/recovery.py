"""What pulumi remembers of a stack that decides how to go on: killed runs, and what is protected."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from warren.errors import WarrenError
from warren.runs.progress import Progress

if TYPE_CHECKING:
    from pulumi import automation

UPSERT = {"PULUMI_K8S_UPSERT_EXISTING_OBJECTS": "true"}
"""Lets the Kubernetes provider take over objects that are there already; it refuses them otherwise,
which is what keeps a second estate from being made over a first."""

UNPROTECT = "Take the protection away first (regions.<region>.protect: false), run up, then again."

_OURS = ("kubernetes:", "random:", "tls:")
"""Where making it once more is harmless: named objects, and values that live in the state alone."""


@dataclass(frozen=True)
class Remembered:
    """What a run has to know before it begins.

    Attributes:
        protected: URNs of resources that must not be deleted.
        names: creations that pulumi began, and does not know whether they were finished; of
            resources that the next run can take over.
        foreign: URNs of others of these: a cloud may have made them, and nobody knows their id.
    """

    protected: list[str]
    names: list[str]
    foreign: list[str]

    def tell(self, stack: str, progress: Progress) -> None:
        """Says what is done about them, and what somebody has to do."""
        if self.names:
            progress(
                f"the last run was killed while it made {', '.join(self.names)}: "
                "what is there of them is taken over"
            )
        if self.foreign:
            progress(
                f"the last run was killed while it made {', '.join(self.foreign)}: look in the cloud "
                f"whether they are there, and give their ids to 'pulumi refresh --stack {stack}'; "
                "otherwise they may be made twice"
            )

    def refuse_protected(self) -> None:
        """Refuses to destroy a stack of which something is protected.

        pulumi would find out only when it comes to that resource, with others gone already.

        Raises:
            WarrenError: something is.
        """
        if self.protected:
            raise WarrenError(
                f"{len(self.protected)} protected resource(s) would be deleted, such as "
                f"{self.protected[0]}.",
                UNPROTECT,
            )


def remembered(stack: automation.Stack) -> Remembered:
    """Asks pulumi for the stack's state."""
    workspace = cast("automation.LocalWorkspace", stack.workspace)
    result = workspace.pulumi_command.run(
        ["stack", "export", "--stack", stack.name], workspace.work_dir, workspace.env_vars
    )
    deployment = cast("dict[str, Any]", json.loads(result.stdout).get("deployment") or {})
    protected = [item["urn"] for item in deployment.get("resources") or [] if item.get("protect")]
    names: list[str] = []
    foreign: list[str] = []
    for operation in deployment.get("pending_operations") or []:
        resource = operation["resource"]
        if operation["type"] != "creating":
            continue
        if resource["type"].startswith(_OURS):
            names.append(f"{resource['type']} {resource['urn'].rpartition('::')[2]}")
        else:
            foreign.append(resource["urn"])
    return Remembered(protected, names, foreign)
