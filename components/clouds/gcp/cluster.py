"""`warren:clouds:GcpCluster`: a regional GKE control plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pulumi
from pulumi_gcp import container

from components.clouds.gcp.network import PODS_RANGE, SERVICES_RANGE, GcpNetwork
from components.clouds.kubeconfig import kubeconfig
from components.settings.clouds.base import Maintenance

LOG_COMPONENTS = (
    "SYSTEM_COMPONENTS",
    "WORKLOADS",
    "APISERVER",
    "SCHEDULER",
    "CONTROLLER_MANAGER",
)
MAX_PODS_PER_NODE = 64
PLUGIN_ARGUMENTS = ("--use_application_default_credentials",)
"""Without it `gke-gcloud-auth-plugin` asks `gcloud`, and never looks at the application default
credentials that the provider itself is signed in by (cloud-provider-gcp,
cmd/gke-gcloud-auth-plugin/cred.go: `tokenProvider`)."""
A_MONDAY = datetime(2026, 1, 5)
"""A recurring window begins at some day in the past; times are written as UTC below."""

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class GcpClusterArgs:
    """What the cluster is made from.

    Attributes:
        cluster_name: its name.
        project: that it is in.
        region: of Google Cloud; a regional control plane survives a zone.
        zones: that nodes may be in.
        network: the region's.
        release_channel: which versions GKE upgrades to.
        maintenance: when.
        authorized: ranges that reach the API's public address.
        public: whether it has one.
        secrets_key: the key that encrypts Kubernetes secrets.
        disk_key: the key that encrypts boot disks; the pool that GKE makes and drops has it, too.
        node_account: email of the nodes' account; the pool that GKE makes and drops has it, too.
        ready: grants and routes that must be in place first.
        protect: refuse to delete it.
        labels: of the cluster.
    """

    cluster_name: str
    project: str
    region: str
    zones: Sequence[str]
    network: GcpNetwork
    release_channel: str
    maintenance: Maintenance
    authorized: Sequence[str]
    public: bool
    secrets_key: pulumi.Input[str]
    disk_key: pulumi.Input[str]
    node_account: pulumi.Input[str]
    ready: Sequence[pulumi.Resource]
    protect: bool
    labels: Mapping[str, str]


class GcpCluster(pulumi.ComponentResource):
    """The control plane.

    Attributes:
        cluster: the GKE cluster.
        kubeconfig: how to reach it, secret.
    """

    cluster: container.Cluster
    kubeconfig: pulumi.Output[str]

    def __init__(
        self, name: str, args: GcpClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:clouds:GcpCluster", name, None, opts)
        self.cluster = container.Cluster(
            name,
            name=args.cluster_name,
            location=args.region,
            node_locations=list(args.zones),
            network=args.network.network.id,
            subnetwork=args.network.subnet.id,
            networking_mode="VPC_NATIVE",
            ip_allocation_policy=container.ClusterIpAllocationPolicyArgs(
                cluster_secondary_range_name=PODS_RANGE,
                services_secondary_range_name=SERVICES_RANGE,
            ),
            default_max_pods_per_node=MAX_PODS_PER_NODE,
            datapath_provider="ADVANCED_DATAPATH",
            private_cluster_config=container.ClusterPrivateClusterConfigArgs(
                enable_private_nodes=True,
                enable_private_endpoint=not args.public,
                master_ipv4_cidr_block=args.network.plan.control_plane,
            ),
            master_authorized_networks_config=container.ClusterMasterAuthorizedNetworksConfigArgs(
                cidr_blocks=[
                    container.ClusterMasterAuthorizedNetworksConfigCidrBlockArgs(cidr_block=cidr)
                    for cidr in args.authorized
                ],
                gcp_public_cidrs_access_enabled=False,
                private_endpoint_enforcement_enabled=True,
            ),
            control_plane_endpoints_config=container.ClusterControlPlaneEndpointsConfigArgs(
                dns_endpoint_config=container.ClusterControlPlaneEndpointsConfigDnsEndpointConfigArgs(
                    allow_external_traffic=False
                ),
            ),
            database_encryption=container.ClusterDatabaseEncryptionArgs(
                state="ENCRYPTED", key_name=args.secrets_key
            ),
            workload_identity_config=container.ClusterWorkloadIdentityConfigArgs(
                workload_pool=f"{args.project}.svc.id.goog"
            ),
            logging_config=container.ClusterLoggingConfigArgs(
                enable_components=list(LOG_COMPONENTS)
            ),
            monitoring_config=container.ClusterMonitoringConfigArgs(
                enable_components=["SYSTEM_COMPONENTS"],
                # warren brings its own Prometheus; a second one would be paid for by the sample.
                managed_prometheus=container.ClusterMonitoringConfigManagedPrometheusArgs(
                    enabled=False
                ),
            ),
            addons_config=container.ClusterAddonsConfigArgs(
                gce_persistent_disk_csi_driver_config=(
                    container.ClusterAddonsConfigGcePersistentDiskCsiDriverConfigArgs(enabled=True)
                ),
            ),
            enable_shielded_nodes=True,
            enable_legacy_abac=False,
            master_auth=container.ClusterMasterAuthArgs(
                client_certificate_config=container.ClusterMasterAuthClientCertificateConfigArgs(
                    issue_client_certificate=False
                )
            ),
            anonymous_authentication_config=container.ClusterAnonymousAuthenticationConfigArgs(
                mode="LIMITED"
            ),
            rbac_binding_config=container.ClusterRbacBindingConfigArgs(
                enable_insecure_binding_system_authenticated=False,
                enable_insecure_binding_system_unauthenticated=False,
            ),
            security_posture_config=container.ClusterSecurityPostureConfigArgs(
                mode="BASIC", vulnerability_mode="VULNERABILITY_DISABLED"
            ),
            release_channel=container.ClusterReleaseChannelArgs(channel=args.release_channel),
            maintenance_policy=container.ClusterMaintenancePolicyArgs(
                recurring_window=maintenance_window(args.maintenance)
            ),
            # Zones have pools of their own; the one that GKE insists on is dropped at once.
            remove_default_node_pool=True,
            initial_node_count=1,
            node_config=container.ClusterNodeConfigArgs(
                service_account=args.node_account,
                # gcp.restrictNonCmekServices, where an organisation sets it, refuses other disks.
                boot_disk_kms_key=args.disk_key,
                shielded_instance_config=container.ClusterNodeConfigShieldedInstanceConfigArgs(
                    enable_secure_boot=True, enable_integrity_monitoring=True
                ),
                workload_metadata_config=container.ClusterNodeConfigWorkloadMetadataConfigArgs(
                    mode="GKE_METADATA"
                ),
            ),
            deletion_protection=args.protect,
            resource_labels=dict(args.labels),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*args.ready],
                protect=args.protect,
                ignore_changes=["nodeConfig", "initialNodeCount"],
            ),
        )
        self.kubeconfig = pulumi.Output.secret(
            pulumi.Output.all(
                self.cluster.endpoint, self.cluster.master_auth.cluster_ca_certificate
            ).apply(
                lambda known: kubeconfig(
                    context=args.cluster_name,
                    server=f"https://{known[0]}",
                    certificate_authority=known[1] or "",
                    command="gke-gcloud-auth-plugin",
                    arguments=list(PLUGIN_ARGUMENTS),
                )
            )
        )
        self.register_outputs({"name": args.cluster_name, "endpoint": self.cluster.endpoint})


def maintenance_window(
    maintenance: Maintenance,
) -> container.ClusterMaintenancePolicyRecurringWindowArgs:
    """One window a week, in UTC."""
    hour, minute = (int(part) for part in maintenance.start.split(":"))
    begin = A_MONDAY + timedelta(days=_DAYS.index(maintenance.day), hours=hour, minutes=minute)
    end = begin + timedelta(hours=maintenance.hours)
    return container.ClusterMaintenancePolicyRecurringWindowArgs(
        start_time=f"{begin.isoformat()}Z",
        end_time=f"{end.isoformat()}Z",
        recurrence=f"FREQ=WEEKLY;BYDAY={maintenance.day[:2].upper()}",
    )
