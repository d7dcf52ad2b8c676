"""Cases of the rules about Kubernetes objects, certificates and keys."""

from __future__ import annotations

from typing import Any

from tests.unit.policies.case import Case

SET, JOB = "kubernetes:apps/v1:StatefulSet", "kubernetes:batch/v1:Job"
SERVICE, CLASS = "kubernetes:core/v1:Service", "kubernetes:storage.k8s.io/v1:StorageClass"
POD, BOX = "spec.template.spec", "spec.template.spec.containers.0"
ENTRY = {
    "spec": {
        "type": "LoadBalancer",
        "ports": [{"port": 5671.0, "targetPort": "amqps"}],
        "loadBalancerSourceRanges": ["198.51.100.0/24"],
    }
}
EBS = {"provisioner": "ebs.csi.aws.com", "parameters": {"encrypted": "true", "kmsKeyId": "k"}}


def workload(**pod: Any) -> dict[str, Any]:
    """A workload that keeps every rule."""
    container = {
        "name": "rabbitmq",
        "image": f"rabbitmq:4.3.5-management@sha256:{64 * 'a'}",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "resources": {"requests": {"cpu": "2", "memory": "8Gi"}, "limits": {"memory": "8Gi"}},
        "env": [{"name": "HOME", "value": "/home/rabbitmq"}],
    }
    labels = {"app.kubernetes.io/component": "broker"}
    return {
        "metadata": {"name": "rabbitmq", "namespace": "rabbitmq", "labels": labels},
        "spec": {
            "replicas": 3.0,
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
                    "containers": [container],
                    "volumes": [{"name": "tmp", "emptyDir": {}}],
                    **pod,
                },
            },
            "persistentVolumeClaimRetentionPolicy": {
                "whenDeleted": "Retain",
                "whenScaled": "Retain",
            },
        },
    }


CASES = [
    Case(
        "pod-no-privilege",
        SET,
        workload(),
        [
            (f"{BOX}.securityContext.privileged", True),
            (f"{BOX}.securityContext.allowPrivilegeEscalation", None),
        ],
    ),
    Case(
        "pod-not-root",
        JOB,
        workload(),
        [
            (f"{BOX}.securityContext.runAsNonRoot", None),
            (f"{BOX}.securityContext.runAsUser", 0),
            (f"{POD}.securityContext.runAsUser", 0.0),
        ],
    ),
    Case("pod-seccomp", SET, workload(), [(f"{POD}.securityContext.seccompProfile", None)]),
    Case(
        "pod-capabilities",
        SET,
        workload(),
        [
            (f"{BOX}.securityContext.capabilities", None),
            (f"{BOX}.securityContext.capabilities.add", ["SYS_ADMIN"]),
        ],
    ),
    Case(
        "pod-not-on-host",
        SET,
        workload(),
        [
            (f"{POD}.hostNetwork", True),
            (f"{POD}.volumes", [{"name": "x", "hostPath": {"path": "/"}}]),
        ],
    ),
    Case(
        "pod-resources",
        JOB,
        workload(),
        [(f"{BOX}.resources.limits", None), (f"{BOX}.resources.requests.cpu", None)],
    ),
    Case(
        "image-pinned",
        SET,
        workload(),
        [
            (f"{BOX}.image", "rabbitmq"),
            (f"{BOX}.image", "registry.test:5000/rabbitmq:latest"),
            (f"{BOX}.image", "rabbitmq:4.3-management"),
            (f"{BOX}.image", "rabbitmq:4.3.5-management"),
        ],
    ),
    Case("image-pinned", SET, workload(), [(f"{BOX}.image", "rabbitmq:latest")], production=False),
    Case("odd-replicas", SET, workload(), [("spec.replicas", 4.0), ("spec.replicas", 1)]),
    Case(
        "no-secret-in-environment",
        SET,
        workload(),
        [(f"{BOX}.env", [{"name": "RABBITMQ_ERLANG_COOKIE", "value": "abc"}])],
    ),
    Case(
        "namespace-pod-security",
        "kubernetes:core/v1:Namespace",
        {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}},
        [
            ("metadata.labels", None),
            ("metadata.labels", {"pod-security.kubernetes.io/enforce": "baseline"}),
        ],
    ),
    Case(
        "secret-marked",
        "kubernetes:core/v1:Secret",
        {"stringData": {"password": "x", "ca.crt": "CERTIFICATE"}},
        [("data", {"key": "eA=="}), ("data", {"tls.crt": "-----BEGIN PRIVATE KEY-----"})],
        secrets={"stringData.password"},
    ),
    Case(
        "no-secret-in-configmap",
        "kubernetes:core/v1:ConfigMap",
        {"data": {"rabbitmq.conf": "heartbeat = 30"}},
        [("data", {"x": '{"password_hash": "abc"}'})],
    ),
    Case(
        "role-no-wildcard",
        "kubernetes:rbac.authorization.k8s.io/v1:Role",
        {"rules": [{"verbs": ["get"], "resources": ["endpoints"], "apiGroups": [""]}]},
        [("rules.0.verbs", ["*"]), ("rules.0.resources", ["pods", "*"])],
    ),
    Case(
        "port-not-public",
        SERVICE,
        ENTRY,
        [
            ("spec.ports", [{"port": 15672, "targetPort": 15672}]),
            ("spec.ports", [{"port": 5672.0}]),
            ("spec.ports", [{"port": 443, "targetPort": "management"}]),
        ],
    ),
    Case(
        "sources-named",
        SERVICE,
        ENTRY,
        [
            ("spec.loadBalancerSourceRanges", None),
            ("spec.loadBalancerSourceRanges", ["0.0.0.0/0"]),
        ],
    ),
    Case(
        "storage-class-encrypted",
        CLASS,
        EBS,
        [
            ("parameters.encrypted", "false"),
            ("parameters.kmsKeyId", None),
            ("provisioner", "disk.csi.azure.com"),
            ("provisioner", "pd.csi.storage.gke.io"),
        ],
    ),
    Case("storage-class-csi", CLASS, EBS, [("provisioner", "kubernetes.io/aws-ebs")]),
    Case(
        "storage-class-binding",
        CLASS,
        {"volumeBindingMode": "WaitForFirstConsumer"},
        [("volumeBindingMode", None), ("volumeBindingMode", "Immediate")],
    ),
    Case(
        "storage-class-retain",
        CLASS,
        {"reclaimPolicy": "Retain"},
        [("reclaimPolicy", None), ("reclaimPolicy", "Delete")],
    ),
    Case(
        "claims-retained",
        SET,
        workload(),
        [("spec.persistentVolumeClaimRetentionPolicy.whenDeleted", "Delete")],
    ),
    Case(
        "certificate-lifetime",
        "tls:index/locallySignedCert:LocallySignedCert",
        {"validityPeriodHours": 8760.0, "earlyRenewalHours": 2160.0},
        [("validityPeriodHours", 87600), ("earlyRenewalHours", None)],
    ),
    Case(
        "private-key-strong",
        "tls:index/privateKey:PrivateKey",
        {"algorithm": "ECDSA"},
        [("algorithm", "RSA")],
    ),
]
