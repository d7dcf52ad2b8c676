"""Applying and deleting Kubernetes objects, with their waits and replacements."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from warren.engines.embedded.waiting import DEFAULT_SECONDS, failed, wait
from warren.errors import WarrenError
from warren.live.kubernetes import ApiError, Cluster
from warren.live.objects import ObjectRef, reference
from warren.runs.progress import Progress
from warren.values import Properties, reveal, secret

REFUSED_KINDS = ("PersistentVolumeClaim", "PersistentVolume", "Namespace")
"""Kinds that are never replaced: a replacement would delete what is in them."""

DELETE_SECONDS = 600


def body_of(type_: str, inputs: Properties) -> dict[str, Any]:
    """The object to apply: the inputs with API version and kind from the type token.

    Raises:
        WarrenError: it is not a plain object.
    """
    _, group_version, kind = type_.split(":")
    if kind.endswith(("List", "Patch")) or group_version.startswith(
        ("helm.sh", "yaml", "kustomize")
    ):
        raise WarrenError(
            f"The embedded engine has no {type_}.",
            "Install the pulumi CLI and use --engine pulumi, or register plain objects.",
        )
    version = group_version.removeprefix("core/")
    body = reveal(inputs) | {"apiVersion": inputs.get("apiVersion", version), "kind": kind}
    if not (body.get("metadata") or {}).get("name"):
        raise WarrenError(
            f"A {kind} has no metadata.name.", "Give it one; the embedded engine makes no names up."
        )
    return body


def timeout_seconds(text: str | None) -> float:
    """Seconds of a custom timeout such as `10m`, `90s` or `1h30m`."""
    if not text:
        return DEFAULT_SECONDS
    total, number = 0.0, ""
    for letter in text:
        if letter.isdigit() or letter == ".":
            number += letter
        elif letter in "hms" and number:
            total += float(number) * {"h": 3600, "m": 60, "s": 1}[letter]
            number = ""
    return total or DEFAULT_SECONDS


def apply(
    cluster: Cluster, body: dict[str, Any], *, replace: bool, seconds: float, progress: Progress
) -> tuple[str, dict[str, Any]]:
    """Applies an object and waits until it is ready.

    Returns:
        What happened ("created", "updated", "replaced" or "unchanged") and the live object.
    """
    ref = reference(body)
    before = cluster.get(ref)
    # A Job that failed is run again: a Job that only exists has done nothing.
    replace = replace or (before is not None and bool(failed(before)))
    if replace and before is not None:
        _make_room(cluster, ref, progress)
    try:
        live = cluster.apply(ref, body)
    except ApiError as error:
        if not _immutable(error) or before is None:
            raise _explained(cluster, ref, error) from None
        _make_room(cluster, ref, progress)
        live, replace = cluster.apply(ref, body), True
    if before is None:
        what = "created"
    elif replace:
        what = "replaced"
    else:
        same = before["metadata"]["resourceVersion"] == live["metadata"]["resourceVersion"]
        what = "unchanged" if same else "updated"
    return what, wait(cluster, ref, live, seconds, progress)


def _immutable(error: ApiError) -> bool:
    return error.status == 422 and ("immutable" in error.message or "Forbidden" in error.message)


def _make_room(cluster: Cluster, ref: ObjectRef, progress: Progress) -> None:
    """Deletes an object that can't change in place. A StatefulSet's pods and volumes stay."""
    if ref.kind in REFUSED_KINDS:
        raise WarrenError(
            f"{ref} in context {cluster.context} would have to be replaced, and what is in it lost.",
            "Undo the change, or move what is in it and delete it by hand.",
        )
    orphan = ref.kind in ("StatefulSet", "Deployment", "DaemonSet")
    progress(f"{ref}: replacing" + (", its pods stay" if orphan else ""))
    cluster.delete(ref, "Orphan" if orphan else "Foreground")
    gone(cluster, ref, 120, progress)


def _explained(cluster: Cluster, ref: ObjectRef, error: ApiError) -> WarrenError:
    remedy = {
        401: "The kubeconfig's credentials are not valid (any more).",
        403: "The kubeconfig's user lacks this right; grant it, or use another context.",
        404: "Does the cluster know this kind, and is the namespace there?",
    }.get(error.status, "Correct the settings that it comes from and run up again.")
    return WarrenError(f"{ref} in context {cluster.context} was refused: {error}.", remedy)


def gone(cluster: Cluster, ref: ObjectRef, seconds: float, progress: Progress) -> None:
    """Waits until an object that is being deleted is gone.

    Raises:
        WarrenError: it is still there when the time is over.
    """
    start, said = time.monotonic(), False
    while True:
        live = cluster.get(ref)
        if live is None:
            return
        waited = time.monotonic() - start
        if waited > 2 and not said:
            progress(f"{ref}: being deleted")
            said = True
        if waited > seconds:
            finalizers = live["metadata"].get("finalizers") or []
            raise WarrenError(
                f"{ref} in context {cluster.context} is still there {seconds:.0f} s after its "
                f"deletion (finalizers: {', '.join(finalizers) or 'none'}).",
                "Look at what holds it (kubectl describe), and run again.",
            )
        cluster.stop.sleep(0.3)


def delete(cluster: Cluster, body: dict[str, Any], progress: Progress) -> bool:
    """Deletes an object and waits until it is gone; False when it was gone already."""
    ref = reference(body)
    try:
        if not cluster.delete(ref):
            return False
    except ApiError as error:
        raise _explained(cluster, ref, error) from None
    gone(cluster, ref, DELETE_SECONDS, progress)
    return True


def outputs_of(live: dict[str, Any], inputs: Properties) -> Properties:
    """The live object as outputs: without the bookkeeping of appliers, and secrets marked."""
    outputs: Properties = {**live, "metadata": dict(live["metadata"])}
    outputs["metadata"].pop("managedFields", None)
    if live["kind"] == "Secret":
        for key in ("data", "stringData"):
            if key in outputs:
                outputs[key] = secret(outputs[key])
        if "stringData" in inputs:
            outputs["stringData"] = secret(reveal(inputs["stringData"]))
    return outputs


def supported(types: Sequence[str]) -> list[str]:
    """Those of the types that the embedded engine does not have."""
    known = ("kubernetes:", "random:", "tls:", "pulumi:providers:kubernetes", "warren:")
    return sorted({item for item in types if not item.startswith(known)})
