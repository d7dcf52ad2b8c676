"""One region: a whole Kubernetes control plane and its one node, in a network namespace."""

from __future__ import annotations

import base64
import datetime
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from typing import Any

from lab import cgroups, configuration, leftovers, network
from lab.configuration import Paths
from lab.errors import LabError, wait_for
from lab.identity import Place
from lab.objects import base_objects
from lab.parts import Parts, Progress
from lab.pki import Authority, write_private
from lab.prerequisites import cni_directory
from lab.processes import Processes, end, with_argument

CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
NODE = ("containerd", "kubelet", "kube-proxy", "firewall", "balancer", "provisioner")

_USERS = {
    "admin": ("admin", "system:masters"),
    "kube-controller-manager": ("system:kube-controller-manager", None),
    "kube-scheduler": ("system:kube-scheduler", None),
    "kube-proxy": ("system:kube-proxy", None),
}


class Region:
    """A region of the lab on this machine."""

    def __init__(self, place: Place, paths: Paths) -> None:
        self.place = place
        self.paths = paths
        base = paths.disk
        self.processes = Processes(base / "pids", base / "logs", place.key)
        # The cable works on the host's side of the namespace.
        self.outside = Processes(base / "pids-outside", base / "logs")

    # -- starting --------------------------------------------------------------------------

    def start(self, parts: Parts, progress: Progress) -> None:
        """Brings everything up that is not, on the disks that are there. Idempotent."""
        place, paths = self.place, self.paths
        for directory in (paths.disk, paths.volumes, paths.disk / "etcd"):
            directory.mkdir(parents=True, exist_ok=True)
        # etcd refuses a data directory that others may read.
        (paths.disk / "etcd").chmod(0o700)
        for directory in (paths.run, paths.run / "cni"):
            directory.mkdir(parents=True, exist_ok=True)
        network.make_bridge(place.lab, place)
        network.make_namespace(place)
        network.connect(place, self.outside, parts.binary, paths.control)
        cgroups.create(place.key)
        self._write_configuration()
        self._start_runtime(parts, progress)
        self._start_control_plane(parts)
        began = None if self.processes.alive("kubelet") else time.time()
        self._start_node(parts)
        self._apply(parts)
        self._wait_until_ready(parts, progress, began)

    def _write_configuration(self) -> None:
        place, paths = self.place, self.paths
        plugins = cni_directory()
        if plugins is None:
            raise LabError("The CNI plugins are gone.", "Install containernetworking-plugins.")
        (paths.run / "containerd.toml").write_text(configuration.containerd(paths, plugins))
        (paths.run / "cni" / "10-lab.conflist").write_text(configuration.cni(place, paths))
        (paths.run / "kubelet.json").write_text(configuration.kubelet(place, paths))
        if paths.kubelet.parent == paths.run and not paths.kubelet.is_symlink():
            (paths.disk / "kubelet").mkdir(exist_ok=True)
            paths.kubelet.symlink_to(paths.disk / "kubelet")
        # Nothing answers there: a pod that asks for a name outside gets an error at once.
        (paths.run / "resolv.conf").write_text(f"nameserver {place.node_ip}\n")
        authority = Authority(paths.pki, place.key)
        authority.service_account_key()
        authority.issue(
            "apiserver",
            "kube-apiserver",
            names=[
                "localhost",
                "kubernetes",
                "kubernetes.default",
                "kubernetes.default.svc",
                "kubernetes.default.svc.cluster.local",
            ],
            addresses=["127.0.0.1", place.node_ip, place.api_service_ip],
        )
        authority.issue(
            "kubelet",
            f"system:node:{place.region}",
            "system:nodes",
            names=[place.region],
            addresses=[place.node_ip],
        )
        for file, (name, group) in _USERS.items():
            authority.issue(file, name, group)
        for user in (*_USERS, "kubelet"):
            text = json.dumps(self.kubeconfig(user) | {"current-context": f"lab-{place.region}"})
            write_private(paths.pki / f"{user}.kubeconfig", text.encode())

    def kubeconfig(self, user: str = "admin") -> dict[str, Any]:
        """A kubeconfig of this region, with context `lab-<region>`."""

        def data(file: str) -> str:
            return base64.b64encode((self.paths.pki / file).read_bytes()).decode()

        credentials = {
            "client-certificate-data": data(f"{user}.crt"),
            "client-key-data": data(f"{user}.key"),
        }
        return configuration.kubeconfig(
            f"lab-{self.place.region}",
            f"https://{self.place.node_ip}:6443",
            credentials,
            data("ca.crt"),
        )

    def _start_runtime(self, parts: Parts, progress: Progress) -> None:
        paths = self.paths
        self.processes.start(
            "containerd", ["containerd", "--config", f"{paths.run}/containerd.toml"]
        )
        self.processes.start("etcd", ["etcd", *configuration.etcd_flags(paths)])
        self._start_part(parts, "kube-apiserver", configuration.apiserver_flags(self.place, paths))
        self._wait("containerd", lambda: self._ctr("version") is not None, 30)
        present = self._ctr("images", "list", "-q") or ""
        for name, archive in parts.images.items():
            # The archive's place tells its content: an image of an older build is replaced.
            mark = paths.disk / f"image-{name.replace('/', '_')}"
            if name in present.split() and mark.exists() and mark.read_text() == str(archive):
                continue
            progress(f"{self.place.region}: importing image {name}")
            if self._ctr("images", "import", str(archive)) is None:
                raise LabError(
                    f"containerd of region {self.place.region} did not take the image {name} "
                    f"from {archive}.",
                    f"Remove {archive.parent} and run it again: it is built anew then.",
                )
            mark.write_text(str(archive))

    def _start_part(self, parts: Parts, name: str, flags: list[str]) -> None:
        self.processes.start(name, [str(parts.binary), name, *flags])

    def _start_control_plane(self, parts: Parts) -> None:
        pki = self.paths.pki
        self._wait(
            "kube-apiserver", lambda: self.kubectl(parts, "get", "--raw", "/readyz") is not None, 90
        )
        self._start_part(
            parts,
            "kube-controller-manager",
            [
                f"--kubeconfig={pki}/kube-controller-manager.kubeconfig",
                f"--service-account-private-key-file={pki}/service-accounts.key",
                f"--root-ca-file={pki}/ca.crt",
                "--use-service-account-credentials=true",
                "--leader-elect=false",
                "--bind-address=127.0.0.1",
                "--allocate-node-cidrs=false",
                # A lost pod is seen within seconds, since tests wait for it.
                "--node-monitor-grace-period=40s",
            ],
        )
        self._start_part(
            parts,
            "kube-scheduler",
            [
                f"--kubeconfig={pki}/kube-scheduler.kubeconfig",
                "--leader-elect=false",
                "--bind-address=127.0.0.1",
            ],
        )

    def _start_node(self, parts: Parts) -> None:
        place, paths, pki = self.place, self.paths, self.paths.pki
        self._start_part(
            parts,
            "kubelet",
            [
                f"--config={paths.run}/kubelet.json",
                f"--kubeconfig={pki}/kubelet.kubeconfig",
                f"--root-dir={paths.kubelet}",
                f"--cert-dir={pki}",
                f"--hostname-override={place.region}",
                f"--node-ip={place.node_ip}",
                f"--node-labels=topology.kubernetes.io/region={place.region},"
                f"topology.kubernetes.io/zone={place.region}-a",
            ],
        )
        self._start_part(
            parts,
            "kube-proxy",
            [
                f"--kubeconfig={pki}/kube-proxy.kubeconfig",
                f"--hostname-override={place.region}",
                f"--cluster-cidr={place.pod_network}",
                "--proxy-mode=nftables",
                "--healthz-bind-address=127.0.0.1:10256",
                "--metrics-bind-address=127.0.0.1:10249",
                "--conntrack-max-per-core=0",
                "--conntrack-min=0",
                f"--nodeport-addresses={place.node_ip}/32",
            ],
        )
        self._start_part(parts, "firewall", [f"--kubeconfig={pki}/admin.kubeconfig"])
        self._start_part(
            parts,
            "balancer",
            [
                f"--kubeconfig={pki}/admin.kubeconfig",
                f"--pool={place.pool}",
                "--device=wan0",
            ],
        )
        self._start_part(
            parts,
            "provisioner",
            [f"--kubeconfig={pki}/admin.kubeconfig", f"--root={paths.volumes}"],
        )

    def _apply(self, parts: Parts) -> None:
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": base_objects(self.place)})
        if self.kubectl(parts, "apply", "--server-side", "-f", "-", text=text) is None:
            raise LabError(
                f"The API server of region {self.place.region} refused the lab's own objects.",
                f"Read {self.processes.log('kube-apiserver')}.",
            )

    def _wait_until_ready(self, parts: Parts, progress: Progress, began: float | None) -> None:
        """Waits for what works now: a region that comes back finds in its API what was true when it
        was killed.

        Args:
            parts: the built parts.
            progress: is told what is ready.
            began: when the kubelet was started, in Unix time; None when it ran already.
        """
        region = self.place.region

        def node_ready() -> bool:
            path = "jsonpath={.status.conditions[?(@.type=='Ready')].status}"
            if self.kubectl(parts, "get", "node", region, "-o", path) != "True":
                return False
            return began is None or self._heartbeat(parts) >= began

        def dns_ready() -> bool:
            return network.resolves(
                self.place.key, self.place.dns_ip, "kubernetes.default.svc.cluster.local"
            )

        self._wait("kubelet", node_ready, 90, what="the node to be Ready")
        progress(f"{region}: node ready")
        self._wait("kubelet", dns_ready, 120, what="the cluster DNS to be ready")
        progress(f"{region}: cluster DNS ready")
        for name in (*CONTROL_PLANE, *NODE):
            # One that dies right after its start would otherwise be missed only later, by its absence.
            self._wait(name, lambda name=name: self.processes.alive(name), 2)

    def _heartbeat(self, parts: Parts) -> float:
        """When the node last renewed its lease, in Unix time; 0 when never."""
        path = "jsonpath={.spec.renewTime}"
        out = self.kubectl(
            parts, "-n", "kube-node-lease", "get", "lease", self.place.region, "-o", path
        )
        return datetime.datetime.fromisoformat(out).timestamp() if out else 0.0

    def _wait(
        self, name: str, condition: Callable[[], bool], seconds: float, what: str | None = None
    ) -> None:
        wait_for(
            f"region {self.place.region}: {what or name}",
            condition,
            seconds,
            log=self.processes.log(name),
            alive=lambda: self.processes.alive(name),
        )

    # -- asking ----------------------------------------------------------------------------

    def healthy(self) -> bool:
        """Whether every process of the region runs."""
        return all(self.processes.alive(name) for name in (*CONTROL_PLANE, *NODE)) and (
            self.outside.alive("cable")
        )

    def kubectl(self, parts: Parts, *arguments: str, text: str | None = None) -> str | None:
        """kubectl inside the region, where a cut WAN does not matter; None when it fails."""
        done = subprocess.run(
            [
                "nsenter",
                f"--net=/run/netns/{self.place.key}",
                str(parts.binary),
                "kubectl",
                "--request-timeout=10s",
                *arguments,
            ],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.paths.run),
                "KUBECONFIG": f"{self.paths.pki}/admin.kubeconfig",
            },
        )
        return done.stdout if done.returncode == 0 else None

    def _ctr(self, *arguments: str) -> str | None:
        done = subprocess.run(
            ["ctr", "--address", str(self.paths.containerd_socket), "-n", "k8s.io", *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        return done.stdout if done.returncode == 0 else None

    # -- ending ----------------------------------------------------------------------------

    def kill(self) -> None:
        """As when a machine loses power: everything ends at once, the disks stay."""
        # The kubelet first, or it starts anew what is ended after it.
        for name in ("kubelet", *NODE, *CONTROL_PLANE):
            self.processes.stop(name, grace=0)
        for name in self.processes.names():
            self.processes.stop(name, grace=0)
        end(with_argument(str(self.paths.containerd_socket)))
        cgroups.remove(self.place.key)
        end(leftovers.in_namespace(self.place.key))
        network.unplug(self.place, self.outside, self.paths.control)
        leftovers.unmount(self.paths)
        leftovers.forget_containers(self.paths)
        network.remove_namespace(self.place)
        shutil.rmtree(self.paths.run, ignore_errors=True)

    def purge(self) -> None:
        """Takes the disks away too. The region must not run."""
        leftovers.remove_log_links(self.paths.disk)
        shutil.rmtree(self.paths.disk, ignore_errors=True)
