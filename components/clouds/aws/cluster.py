"""`warren:clouds:AwsCluster`: an EKS control plane and who may administer it.

Made of `pulumi_aws.eks` resources, not of `pulumi_eks`: every property can then be seen and tested
without a cloud, and nothing here needs kubectl or Node.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, eks, vpc

from components.clouds.kubeconfig import kubeconfig

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")


@dataclass(frozen=True)
class AwsClusterArgs:
    """What the cluster is made from.

    Attributes:
        cluster_name: its name, known before it exists: tags, logs and roles carry it.
        region: of AWS.
        partition: of ARNs.
        version: Kubernetes minor version.
        role: ARN of the control plane's role.
        role_ready: what must be there before the role is used.
        subnets: of the control plane's interfaces.
        services: range of Kubernetes services.
        authorized: ranges that reach the API.
        public: whether it has one.
        secrets_key: ARN of the key that encrypts secrets and logs.
        log_retention_days: how long control-plane logs are kept.
        admins: ARNs of roles that administer the cluster.
        protect: refuse to delete it.
        tags: of everything.
    """

    cluster_name: str
    region: str
    partition: str
    version: str
    role: pulumi.Input[str]
    role_ready: Sequence[pulumi.Resource]
    subnets: Sequence[pulumi.Input[str]]
    services: str
    authorized: Sequence[str]
    public: bool
    secrets_key: pulumi.Input[str]
    log_retention_days: int
    admins: Sequence[str]
    protect: bool
    tags: Mapping[str, str]


class AwsCluster(pulumi.ComponentResource):
    """The control plane.

    Attributes:
        cluster: the EKS cluster.
        access: the administrators' entries and, without a public address, the way in for their
            networks; the API answers nobody before.
        kubeconfig: how to reach it, secret.
    """

    cluster: eks.Cluster
    access: list[pulumi.Resource]
    kubeconfig: pulumi.Output[str]

    def __init__(
        self, name: str, args: AwsClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:clouds:AwsCluster", name, None, opts)
        # EKS would make this group by itself, without encryption and without an end.
        logs = cloudwatch.LogGroup(
            name,
            name=f"/aws/eks/{args.cluster_name}/cluster",
            retention_in_days=args.log_retention_days,
            kms_key_id=args.secrets_key,
            tags=dict(args.tags),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.cluster = eks.Cluster(
            name,
            name=args.cluster_name,
            version=args.version,
            role_arn=args.role,
            vpc_config=eks.ClusterVpcConfigArgs(
                subnet_ids=list(args.subnets),
                endpoint_private_access=True,
                endpoint_public_access=args.public,
                public_access_cidrs=list(args.authorized) if args.public else None,
            ),
            kubernetes_network_config=eks.ClusterKubernetesNetworkConfigArgs(
                ip_family="ipv4", service_ipv4_cidr=args.services
            ),
            encryption_config=eks.ClusterEncryptionConfigArgs(
                provider=eks.ClusterEncryptionConfigProviderArgs(key_arn=args.secrets_key),
                resources=["secrets"],
            ),
            enabled_cluster_log_types=list(LOG_TYPES),
            access_config=eks.ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            upgrade_policy=eks.ClusterUpgradePolicyArgs(support_type="STANDARD"),
            zonal_shift_config=eks.ClusterZonalShiftConfigArgs(enabled=True),
            bootstrap_self_managed_addons=False,
            deletion_protection=args.protect,
            tags=dict(args.tags),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[logs, *args.role_ready], protect=args.protect
            ),
        )
        self.access = [
            resource
            for number, admin in enumerate(args.admins)
            for resource in self._admin(f"{name}-admin-{number + 1}", admin, args)
        ]
        if not args.public:
            self.access += [
                self._way_in(f"{name}-api-{cidr}", cidr, args) for cidr in args.authorized
            ]
        self.kubeconfig = pulumi.Output.secret(
            pulumi.Output.all(self.cluster.endpoint, self.cluster.certificate_authority.data).apply(
                lambda known: kubeconfig(
                    context=args.cluster_name,
                    server=known[0],
                    certificate_authority=known[1] or "",
                    command="aws",
                    arguments=[
                        *("eks", "get-token", "--output", "json"),
                        *("--cluster-name", args.cluster_name, "--region", args.region),
                    ],
                )
            )
        )
        self.register_outputs({"name": args.cluster_name, "endpoint": self.cluster.endpoint})

    def _way_in(self, name: str, cidr: str, args: AwsClusterArgs) -> pulumi.Resource:
        """The private address is guarded by the cluster's security group, which knows nodes alone
        (EKS, "Cluster API server endpoint": from a connected network it needs a rule for 443)."""
        return vpc.SecurityGroupIngressRule(
            name,
            security_group_id=self.cluster.vpc_config.apply(
                lambda config: config.cluster_security_group_id or ""
            ),
            description="Kubernetes API, for authorized networks",
            cidr_ipv4=cidr,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            tags=dict(args.tags),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _admin(self, name: str, principal: str, args: AwsClusterArgs) -> list[pulumi.Resource]:
        child = pulumi.ResourceOptions(parent=self)
        entry = eks.AccessEntry(
            name,
            cluster_name=self.cluster.name,
            principal_arn=principal,
            type="STANDARD",
            tags=dict(args.tags),
            opts=child,
        )
        return [
            eks.AccessPolicyAssociation(
                name,
                cluster_name=self.cluster.name,
                principal_arn=entry.principal_arn,
                policy_arn=(
                    f"arn:{args.partition}:eks::aws:cluster-access-policy/"
                    "AmazonEKSClusterAdminPolicy"
                ),
                access_scope=eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
                opts=child,
            )
        ]
