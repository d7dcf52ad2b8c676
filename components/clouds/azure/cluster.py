"""`warren:clouds:AzureCluster`: an AKS control plane, its upgrade window and its logs."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pulumi
import yaml
from pulumi_azure_native import containerservice as aks
from pulumi_azure_native import monitor, operationalinsights

from components.clouds.addresses import host
from components.clouds.azure.identity import AzureIdentity, one_of
from components.clouds.azure.keys import AzureKeys
from components.clouds.azure.node_pools import system_profile
from components.clouds.azure.patience import until_rights_are_known
from components.clouds.kubeconfig import kubeconfig
from components.settings.clouds.azure.region import AzureNodes
from components.settings.clouds.base import Maintenance

ENTRA_SERVER = "6dae42f8-4368-4678-94ff-3960e28e3630"
"""Application identifier of AKS' API server, the same in every tenant (kubelogin's documentation,
"How to use kubelogin with AKS"). The pipeline asks for a token for it too: a test compares them."""

LOG_CATEGORIES = (
    "kube-apiserver",
    "kube-audit-admin",
    "kube-controller-manager",
    "kube-scheduler",
    "cloud-controller-manager",
    "guard",
)
"""kube-audit-admin leaves out reads, which are nine tenths of the audit log's volume and cost."""

DNS_SERVICE_NUMBER = 10


@dataclass(frozen=True)
class AzureClusterArgs:
    """What the cluster is made from.

    Attributes:
        cluster_name: its name.
        resource_group: that it is in.
        nodes_group: name of the group that AKS makes for nodes.
        tenant: whose identities it knows.
        version: Kubernetes minor version.
        upgrade_channel: what AKS upgrades by itself.
        maintenance: when.
        identity: the region's identities.
        keys: the region's keys.
        ready: rights that must be in place first.
        subnet: of the system node.
        pods: range of the pods' overlay.
        services: range of Kubernetes services.
        authorized: ranges that reach the API's public address.
        egress: the region's own addresses, which reach it too: nodes call it by that way.
        public: whether it has a public address.
        admin_groups: Entra groups that administer the cluster.
        login: how kubelogin gets a token.
        environment: which of Azure's clouds it gets it from, as kubelogin calls them.
        nodes: sizes.
        log_retention_days: how long control-plane logs are kept.
        protect: refuse to delete it.
        tags: of everything.
    """

    cluster_name: str
    resource_group: pulumi.Input[str]
    nodes_group: str
    tenant: str
    version: str
    upgrade_channel: str
    maintenance: Maintenance
    identity: AzureIdentity
    keys: AzureKeys
    ready: Sequence[pulumi.Resource]
    subnet: pulumi.Input[str]
    pods: str
    services: str
    authorized: Sequence[str]
    egress: Sequence[pulumi.Input[str]]
    public: bool
    admin_groups: Sequence[str]
    login: str
    environment: str
    nodes: AzureNodes
    log_retention_days: int
    protect: bool
    tags: Mapping[str, str]


class AzureCluster(pulumi.ComponentResource):
    """The control plane.

    Attributes:
        cluster: the AKS cluster.
        kubeconfig: how to reach it, secret.
    """

    cluster: aks.ManagedCluster
    kubeconfig: pulumi.Output[str]

    def __init__(
        self, name: str, args: AzureClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:clouds:AzureCluster", name, None, opts)
        self.cluster = self._cluster(name, args)
        self._maintenance(name, args)
        self._logs(name, args)
        self.kubeconfig = self._kubeconfig(args)
        self.register_outputs({"name": args.cluster_name})

    def _cluster(self, name: str, args: AzureClusterArgs) -> aks.ManagedCluster:
        return aks.ManagedCluster(
            name,
            resource_name_=args.cluster_name,
            resource_group_name=args.resource_group,
            node_resource_group=args.nodes_group,
            dns_prefix=args.cluster_name[:54].rstrip("-"),
            kubernetes_version=args.version,
            sku=aks.ManagedClusterSKUArgs(
                name=aks.ManagedClusterSKUName.BASE, tier=aks.ManagedClusterSKUTier.STANDARD
            ),
            identity=aks.ManagedClusterIdentityArgs(
                type=aks.ResourceIdentityType.USER_ASSIGNED,
                user_assigned_identities=one_of(args.identity.cluster),
            ),
            enable_rbac=True,
            disable_local_accounts=True,
            aad_profile=aks.ManagedClusterAADProfileArgs(
                managed=True,
                enable_azure_rbac=True,
                tenant_id=args.tenant,
                admin_group_object_ids=list(args.admin_groups),
            ),
            api_server_access_profile=_api_access(args),
            network_profile=_network_profile(args),
            security_profile=_security_profile(args),
            oidc_issuer_profile=aks.ManagedClusterOIDCIssuerProfileArgs(enabled=True),
            storage_profile=aks.ManagedClusterStorageProfileArgs(
                disk_csi_driver=aks.ManagedClusterStorageProfileDiskCSIDriverArgs(enabled=True),
                file_csi_driver=aks.ManagedClusterStorageProfileFileCSIDriverArgs(enabled=False),
                blob_csi_driver=aks.ManagedClusterStorageProfileBlobCSIDriverArgs(enabled=False),
                snapshot_controller=aks.ManagedClusterStorageProfileSnapshotControllerArgs(
                    enabled=True
                ),
            ),
            disk_encryption_set_id=args.keys.disks.id,
            auto_upgrade_profile=aks.ManagedClusterAutoUpgradeProfileArgs(
                upgrade_channel=args.upgrade_channel,
                node_os_upgrade_channel=aks.NodeOSUpgradeChannel.NODE_IMAGE,
            ),
            agent_pool_profiles=[system_profile(args.nodes, args.subnet, args.tags)],
            tags=dict(args.tags),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*args.ready],
                protect=args.protect,
                hooks=until_rights_are_known(f"{name}-cluster-rights"),
            ),
        )

    def _maintenance(self, name: str, args: AzureClusterArgs) -> None:
        """AKS knows its two schedules, of clusters and of node images, by these names only."""
        for kind in ("aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule"):
            aks.MaintenanceConfiguration(
                f"{name}-{kind}",
                config_name=kind,
                resource_group_name=args.resource_group,
                resource_name_=self.cluster.name,
                maintenance_window=aks.MaintenanceWindowArgs(
                    schedule=aks.ScheduleArgs(
                        weekly=aks.WeeklyScheduleArgs(
                            day_of_week=args.maintenance.day, interval_weeks=1
                        )
                    ),
                    start_time=args.maintenance.start,
                    duration_hours=args.maintenance.hours,
                    utc_offset="+00:00",
                ),
                opts=pulumi.ResourceOptions(parent=self),
            )

    def _logs(self, name: str, args: AzureClusterArgs) -> None:
        child = pulumi.ResourceOptions(parent=self)
        workspace = operationalinsights.Workspace(
            name,
            resource_group_name=args.resource_group,
            sku=operationalinsights.WorkspaceSkuArgs(
                name=operationalinsights.WorkspaceSkuNameEnum.PER_GB2018
            ),
            retention_in_days=workspace_retention(args.log_retention_days),
            tags=dict(args.tags),
            opts=child,
        )
        monitor.DiagnosticSetting(
            name,
            resource_uri=self.cluster.id,
            workspace_id=workspace.id,
            log_analytics_destination_type="Dedicated",
            logs=[
                monitor.DiagnosticsLogSettingsArgs(category=category, enabled=True)
                for category in LOG_CATEGORIES
            ],
            opts=child,
        )

    def _kubeconfig(self, args: AzureClusterArgs) -> pulumi.Output[str]:
        """The CA is not among the cluster's own outputs; its user credentials, which hold no token
        where local accounts are off, have it."""
        credentials = aks.list_managed_cluster_user_credentials_output(
            resource_group_name=args.resource_group,
            resource_name=self.cluster.name,
            opts=pulumi.InvokeOutputOptions(parent=self, depends_on=[self.cluster]),
        )
        host_name = self.cluster.fqdn if args.public else self.cluster.private_fqdn
        return pulumi.Output.secret(
            pulumi.Output.all(host_name, credentials.kubeconfigs).apply(
                lambda known: kubeconfig(
                    context=args.cluster_name,
                    server=f"https://{known[0]}:443",
                    certificate_authority=certificate_authority(
                        known[1][0]["value"] if known[1] else ""
                    ),
                    command="kubelogin",
                    arguments=[
                        *("get-token", "--login", args.login),
                        *("--server-id", ENTRA_SERVER, "--tenant-id", args.tenant),
                        *("--environment", args.environment),
                    ],
                )
            )
        )


def _api_access(args: AzureClusterArgs) -> aks.ManagedClusterAPIServerAccessProfileArgs:
    """Authorized ranges and a private endpoint exclude each other on AKS."""
    if not args.public:
        return aks.ManagedClusterAPIServerAccessProfileArgs(
            enable_private_cluster=True,
            enable_private_cluster_public_fqdn=False,
            disable_run_command=True,
        )
    return aks.ManagedClusterAPIServerAccessProfileArgs(
        enable_private_cluster=False,
        authorized_ip_ranges=[*args.authorized, *args.egress],
        disable_run_command=True,
    )


def _network_profile(args: AzureClusterArgs) -> aks.ContainerServiceNetworkProfileArgs:
    return aks.ContainerServiceNetworkProfileArgs(
        network_plugin=aks.NetworkPlugin.AZURE,
        network_plugin_mode=aks.NetworkPluginMode.OVERLAY,
        network_dataplane=aks.NetworkDataplane.CILIUM,
        network_policy=aks.NetworkPolicy.CILIUM,
        pod_cidr=args.pods,
        service_cidr=args.services,
        dns_service_ip=host(args.services, DNS_SERVICE_NUMBER),
        load_balancer_sku=aks.LoadBalancerSku.STANDARD,
        outbound_type=aks.OutboundType.USER_ASSIGNED_NAT_GATEWAY,
    )


def _security_profile(args: AzureClusterArgs) -> aks.ManagedClusterSecurityProfileArgs:
    return aks.ManagedClusterSecurityProfileArgs(
        workload_identity=aks.ManagedClusterSecurityProfileWorkloadIdentityArgs(enabled=True),
        image_cleaner=aks.ManagedClusterSecurityProfileImageCleanerArgs(
            enabled=True, interval_hours=168
        ),
        azure_key_vault_kms=aks.AzureKeyVaultKmsArgs(
            enabled=True,
            key_id=args.keys.cluster.key_uri_with_version,
            key_vault_network_access=aks.KeyVaultNetworkAccessTypes.PUBLIC,
        ),
    )


def workspace_retention(days: int) -> int:
    """Days that a workspace can keep logs: 30 to 730 (azurerm#28272: 731 is refused)."""
    return min(max(days, 30), 730)


def certificate_authority(credentials: str) -> str:
    """The API's CA (base64) out of a base64 kubeconfig; empty when there is none."""
    document = cast("dict[str, Any] | None", yaml.safe_load(base64.b64decode(credentials)))
    clusters: list[dict[str, Any]] = (document or {}).get("clusters") or []
    return clusters[0]["cluster"]["certificate-authority-data"] if clusters else ""
