"""Configuration files of a region's parts, rendered. Pure but for what `Paths` names.

Flags and their reasons: lab/README.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.identity import Place

LONGEST_SOCKET = 107
"""Characters that the path of a unix socket may have."""


@dataclass(frozen=True)
class Paths:
    """Where a region keeps what.

    Attributes:
        disk: what outlives a killed region: etcd, images, volumes, keys.
        run: what a machine loses when it restarts: sockets, containers' state, addresses.
    """

    disk: Path
    run: Path

    @property
    def containerd_socket(self) -> Path:
        """Short: a unix socket's path has at most 107 characters."""
        return self.run / "containerd.sock"

    @property
    def control(self) -> Path:
        """The cable's socket. Not below `run`: the cable outlives a restart of the node's parts."""
        return self.run.with_name(f"{self.run.name}.cable")

    @property
    def pki(self) -> Path:
        """Keys and certificates."""
        return self.disk / "pki"

    @property
    def kubelet(self) -> Path:
        """The kubelet's directory, on the disk. Where that path is too long for the socket that the
        kubelet makes in it, a short link to it."""
        place = self.disk / "kubelet"
        socket = place / "pod-resources" / "kubelet.sock"
        return place if len(str(socket)) <= LONGEST_SOCKET else self.run / "kubelet"

    @property
    def volumes(self) -> Path:
        """Directories behind persistent volumes."""
        return self.disk / "volumes"


def containerd(paths: Paths, cni_plugins: Path) -> str:
    """containerd's configuration (version 2, which 1.6 and 2.x both read)."""
    return f"""version = 2
root = "{paths.disk}/containerd"
state = "{paths.run}/containerd"
[grpc]
  address = "{paths.containerd_socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "lab.local/pause:1"
  stream_server_address = "127.0.0.1"
  # Some machines may not lower a process's chance of being killed, and runc fails there without this.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{cni_plugins}"
    conf_dir = "{paths.run}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
[plugins."io.containerd.internal.v1.opt"]
  path = "{paths.run}/opt"
"""


def cni(place: Place, paths: Paths) -> str:
    """Pod network: a bridge in the region's namespace, addresses kept in `run`."""
    return json.dumps(
        {
            "cniVersion": "0.4.0",
            "name": place.key,
            "plugins": [
                {
                    "type": "bridge",
                    "bridge": "cni0",
                    "isGateway": True,
                    "isDefaultGateway": True,
                    "ipMasq": True,
                    "hairpinMode": True,
                    "ipam": {
                        "type": "host-local",
                        "dataDir": f"{paths.run}/ipam",
                        "ranges": [[{"subnet": place.pod_network}]],
                    },
                },
                {"type": "portmap", "capabilities": {"portMappings": True}, "snat": True},
            ],
        }
    )


def kubelet(place: Place, paths: Paths) -> str:
    """KubeletConfiguration. JSON is YAML."""
    values: dict[str, Any] = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "failCgroupV1": False,
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{place.key}",
        "cgroupsPerQOS": True,
        "enforceNodeAllocatable": [],
        "failSwapOn": False,
        "containerRuntimeEndpoint": f"unix://{paths.containerd_socket}",
        "address": place.node_ip,
        "port": 10250,
        "readOnlyPort": 0,
        "clusterDNS": [place.dns_ip],
        "clusterDomain": "cluster.local",
        "resolvConf": f"{paths.run}/resolv.conf",
        "authentication": {
            "anonymous": {"enabled": False},
            "x509": {"clientCAFile": f"{paths.pki}/ca.crt"},
            "webhook": {"enabled": True},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": f"{paths.pki}/kubelet.crt",
        "tlsPrivateKeyFile": f"{paths.pki}/kubelet.key",
        # Images that were imported can't be pulled again.
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "evictionHard": {
            "memory.available": "200Mi",
            "nodefs.available": "1%",
            "imagefs.available": "1%",
        },
        "podLogsDir": f"{paths.disk}/pod-logs",
        "maxPods": 60,
        "nodeStatusUpdateFrequency": "5s",
        "serializeImagePulls": False,
        "registryPullQPS": 0,
        # A changed Secret or ConfigMap reaches pods within seconds.
        "syncFrequency": "10s",
        "fileCheckFrequency": "10s",
    }
    return json.dumps(values)


def kubeconfig(name: str, server: str, user: Mapping[str, str], ca_data: str) -> dict[str, Any]:
    """A kubeconfig with one context, with everything in it that it needs."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": name, "cluster": {"server": server, "certificate-authority-data": ca_data}}
        ],
        "users": [{"name": name, "user": dict(user)}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
    }


def merge_kubeconfigs(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Several kubeconfigs in one. Without a current context: everyone must say which they mean."""
    merged: dict[str, Any] = {"apiVersion": "v1", "kind": "Config"}
    for key in ("clusters", "users", "contexts"):
        merged[key] = [item for part in parts for item in part[key]]
    return merged


def apiserver_flags(place: Place, paths: Paths) -> list[str]:
    """Flags of kube-apiserver."""
    pki = paths.pki
    return [
        "--etcd-servers=http://127.0.0.1:2379",
        "--secure-port=6443",
        f"--bind-address={place.node_ip}",
        f"--advertise-address={place.node_ip}",
        f"--service-cluster-ip-range={place.service_network}",
        f"--client-ca-file={pki}/ca.crt",
        f"--tls-cert-file={pki}/apiserver.crt",
        f"--tls-private-key-file={pki}/apiserver.key",
        f"--kubelet-client-certificate={pki}/admin.crt",
        f"--kubelet-client-key={pki}/admin.key",
        f"--kubelet-certificate-authority={pki}/ca.crt",
        # The node's name is no DNS name, and must not be asked of the machine's resolver.
        "--kubelet-preferred-address-types=InternalIP",
        f"--service-account-key-file={pki}/service-accounts.key",
        f"--service-account-signing-key-file={pki}/service-accounts.key",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        # Nothing in the lab needs it: kube-proxy and the firewall are processes of the node.
        "--allow-privileged=false",
        "--profiling=false",
    ]


def etcd_flags(paths: Paths) -> list[str]:
    """Flags of etcd. It does not wait for the disk: the lab's cluster state is not worth it, and six
    brokers that do share the same disk."""
    return [
        f"--data-dir={paths.disk}/etcd",
        "--listen-client-urls=http://127.0.0.1:2379",
        "--advertise-client-urls=http://127.0.0.1:2379",
        "--listen-peer-urls=http://127.0.0.1:2380",
        "--initial-advertise-peer-urls=http://127.0.0.1:2380",
        "--initial-cluster=default=http://127.0.0.1:2380",
        "--unsafe-no-fsync",
    ]
