"""Kubeconfigs of clusters that warren made: one context, and a token fetched when it is needed.

No credential stands in them, so they neither expire nor leak; the state holds them as secrets all
the same, for the addresses.
"""

from __future__ import annotations

import json
from collections.abc import Sequence


def kubeconfig(
    *, context: str, server: str, certificate_authority: str, command: str, arguments: Sequence[str]
) -> str:
    """A kubeconfig (JSON is YAML) that gets its token from `command`.

    Args:
        context: name of the only context.
        server: URL of the API.
        certificate_authority: the API's CA, base64 as the clouds give it.
        command: the cloud's exec plugin, found on PATH.
        arguments: its arguments; no secret among them.
    """
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": context,
            "clusters": [
                {
                    "name": context,
                    "cluster": {
                        "server": server,
                        "certificate-authority-data": certificate_authority,
                    },
                }
            ],
            "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
            "users": [
                {
                    "name": context,
                    "user": {
                        "exec": {
                            "apiVersion": "client.authentication.k8s.io/v1beta1",
                            "command": command,
                            "args": list(arguments),
                            "interactiveMode": "IfAvailable",
                            "provideClusterInfo": command == "gke-gcloud-auth-plugin",
                        }
                    },
                }
            ],
        }
    )
