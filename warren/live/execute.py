"""A command in the container of a pod."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from warren.live.kubernetes import Cluster

SECONDS = 60.0
"""How long a command may take. RabbitMQ's command line starts an Erlang of its own first."""


@dataclass(frozen=True)
class Finished:
    """How a command ended.

    Attributes:
        code: its exit code.
        output: what it printed, errors included.
    """

    code: int
    output: str


def execute(
    cluster: Cluster,
    namespace: str,
    pod: str,
    container: str,
    command: Sequence[str],
    given: str = "",
) -> Finished:
    """Runs a command.

    The websocket protocol of exec has no end of input, so a command that reads to the end must be told
    how much there is (`head -c`).

    Args:
        cluster: whose API server is asked.
        namespace: of the pod.
        pod: its name.
        container: in the pod.
        command: program and arguments, no shell.
        given: its standard input. Not an argument: those can be seen in the process list.

    Raises:
        OSError: the API server does not give it.
    """
    from kubernetes import client
    from kubernetes.client import ApiException
    from kubernetes.stream import stream

    from warren.live.reasons import UnansweredError, reason

    api = client.CoreV1Api(cluster.client)
    try:
        running: Any = stream(
            api.connect_get_namespaced_pod_exec,
            pod,
            namespace,
            container=container,
            command=list(command),
            stdin=bool(given),
            stdout=True,
            stderr=True,
            _preload_content=False,
        )
        try:
            if given:
                running.write_stdin(given)
            running.run_forever(timeout=SECONDS)
            # In this order: the client forgets the exit code's channel when it gives the others.
            code = 124 if running.is_open() else int(running.returncode or 0)
            output = str(running.read_all())
        finally:
            running.close()
    except (OSError, ApiException) as error:
        raise UnansweredError(cluster.who, reason(error, SECONDS, SECONDS)) from error
    return Finished(code, output)
