"""`warren:clouds:AwsNetwork`: a VPC with a public and a private subnet in each of three zones.

Nodes stand in private subnets and leave through their own zone's NAT gateway, so that the loss of a
zone takes no other zone's way out, and the addresses they leave by are fixed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, ec2, iam

from components.clouds.addresses import zonal_plan


@dataclass(frozen=True)
class AwsNetworkArgs:
    """What the network is made from.

    Attributes:
        cluster_name: the cluster that load balancers of these subnets belong to.
        cidr: range of the VPC.
        zones: three zone identifiers.
        account: whose flow logs they are.
        log_key: ARN of the key that encrypts flow logs.
        log_retention_days: how long they are kept.
        tags: of everything.
    """

    cluster_name: str
    cidr: str
    zones: Sequence[str]
    account: str
    log_key: pulumi.Input[str]
    log_retention_days: int
    tags: Mapping[str, str]


class AwsNetwork(pulumi.ComponentResource):
    """The VPC of a region.

    Attributes:
        vpc: the VPC.
        public: subnets of load balancers and NAT gateways, one a zone.
        private: subnets of nodes and of the control plane's interfaces, one a zone.
        egress: fixed addresses that nodes and pods leave by, as /32 ranges.
        ready: what must be there before nodes can reach the outside, and must stay until they are gone.
    """

    vpc: ec2.Vpc
    public: list[ec2.Subnet]
    private: list[ec2.Subnet]
    egress: list[pulumi.Output[str]]
    ready: list[pulumi.Resource]

    def __init__(
        self, name: str, args: AwsNetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:clouds:AwsNetwork", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.vpc = ec2.Vpc(
            name,
            cidr_block=args.cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags=self._tags(name),
            opts=self._child,
        )
        # What is started without a security group of its own gets this one: nothing passes it.
        ec2.DefaultSecurityGroup(
            name,
            vpc_id=self.vpc.id,
            ingress=[],
            egress=[],
            tags=self._tags(f"{name}-default"),
            opts=self._child,
        )
        self._flow_log(name)
        plan = zonal_plan(args.cidr)
        self.public, self.private, self.egress, self.ready = [], [], [], []
        self._gateway = ec2.InternetGateway(
            name, vpc_id=self.vpc.id, tags=self._tags(name), opts=self._child
        )
        public_routes = self._public_routes(name)
        for number, zone in enumerate(args.zones):
            self._zone(f"{name}-{number + 1}", zone, plan.public[number], plan.private[number])
            self.ready.append(
                ec2.RouteTableAssociation(
                    f"{name}-{number + 1}-public",
                    subnet_id=self.public[number].id,
                    route_table_id=public_routes.id,
                    opts=self._child,
                )
            )
        self.register_outputs({"vpc": self.vpc.id, "egress": self.egress})

    def _tags(self, name: str, **more: str) -> dict[str, str]:
        return {**self._args.tags, "Name": name, **more}

    def _public_routes(self, name: str) -> ec2.RouteTable:
        return ec2.RouteTable(
            f"{name}-public",
            vpc_id=self.vpc.id,
            routes=[ec2.RouteTableRouteArgs(cidr_block="0.0.0.0/0", gateway_id=self._gateway.id)],
            tags=self._tags(f"{name}-public"),
            opts=self._child,
        )

    def _zone(self, name: str, zone: str, public: str, private: str) -> None:
        """One zone: its two subnets, its NAT gateway and address, and its way out."""
        cluster = {f"kubernetes.io/cluster/{self._args.cluster_name}": "shared"}
        public_subnet = ec2.Subnet(
            f"{name}-public",
            vpc_id=self.vpc.id,
            cidr_block=public,
            availability_zone_id=zone,
            map_public_ip_on_launch=False,
            tags=self._tags(f"{name}-public", **{"kubernetes.io/role/elb": "1"}, **cluster),
            opts=self._child,
        )
        private_subnet = ec2.Subnet(
            f"{name}-private",
            vpc_id=self.vpc.id,
            cidr_block=private,
            availability_zone_id=zone,
            map_public_ip_on_launch=False,
            tags=self._tags(
                f"{name}-private", **{"kubernetes.io/role/internal-elb": "1"}, **cluster
            ),
            opts=self._child,
        )
        address = ec2.Eip(
            name,
            domain="vpc",
            tags=self._tags(name),
            # Other regions' load balancers let this address in; a new one would cut the links.
            opts=self._child,
        )
        gateway = ec2.NatGateway(
            name,
            allocation_id=address.allocation_id,
            subnet_id=public_subnet.id,
            tags=self._tags(name),
            # AWS makes one only where the VPC has an Internet gateway, and lets that one go only
            # when no address is in use any more (EC2, "NAT gateways").
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._gateway]),
        )
        routes = ec2.RouteTable(
            f"{name}-private",
            vpc_id=self.vpc.id,
            routes=[ec2.RouteTableRouteArgs(cidr_block="0.0.0.0/0", nat_gateway_id=gateway.id)],
            tags=self._tags(f"{name}-private"),
            opts=self._child,
        )
        self.ready.append(
            ec2.RouteTableAssociation(
                f"{name}-private",
                subnet_id=private_subnet.id,
                route_table_id=routes.id,
                opts=self._child,
            )
        )
        self.public.append(public_subnet)
        self.private.append(private_subnet)
        self.egress.append(pulumi.Output.concat(address.public_ip, "/32"))

    def _flow_log(self, name: str) -> None:
        args = self._args
        group = cloudwatch.LogGroup(
            f"{name}-flow",
            retention_in_days=args.log_retention_days,
            kms_key_id=args.log_key,
            tags=self._tags(f"{name}-flow"),
            opts=self._child,
        )
        role = iam.Role(
            f"{name}-flow",
            assume_role_policy=json.dumps(flow_log_trust(args.account)),
            tags=self._tags(f"{name}-flow"),
            opts=self._child,
        )
        iam.RolePolicy(
            f"{name}-flow",
            role=role.name,
            policy=group.arn.apply(flow_log_policy),
            opts=self._child,
        )
        ec2.FlowLog(
            name,
            vpc_id=self.vpc.id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=60,
            tags=self._tags(name),
            opts=self._child,
        )


def flow_log_trust(account: str) -> dict[str, object]:
    """VPC flow logs of this account may take the role, and no other account's."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": account}},
            }
        ],
    }


def flow_log_policy(group: str) -> str:
    """May write to one log group."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": [
                        "logs:CreateLogStream",
                        "logs:PutLogEvents",
                        "logs:DescribeLogStreams",
                    ],
                    "Resource": [group, f"{group}:*"],
                }
            ],
        }
    )
