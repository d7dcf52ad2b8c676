"""`warren:clouds:GcpLogs`: a bucket that keeps a region's logs for as long as the settings say.

Google puts every log into the project's `_Default` bucket, which forgets after 30 days and is not a
region's to change. So what is of this region is also led into a bucket of its own, which stays in the
region.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_random as random
from pulumi_gcp import logging

SUFFIX_LENGTH = 6


@dataclass(frozen=True)
class GcpLogsArgs:
    """Whose logs, and for how long.

    Attributes:
        project: that the bucket is in.
        region: where the logs stay.
        bucket: what the bucket's name begins with.
        cluster_name: whose nodes, pods and control plane are logged.
        subnet: name of the subnet whose flows and refused packets are logged.
        nat: name of the gateway whose errors are logged.
        days: how long they are kept.
    """

    project: str
    region: str
    bucket: str
    cluster_name: str
    subnet: pulumi.Input[str]
    nat: pulumi.Input[str]
    days: int


class GcpLogs(pulumi.ComponentResource):
    """The bucket, and the sink that fills it."""

    def __init__(
        self, name: str, args: GcpLogsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("warren:clouds:GcpLogs", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        # A bucket that is deleted keeps its name for 7 days (Cloud Logging, "Delete a bucket").
        suffix = random.RandomString(
            f"{name}-logs", length=SUFFIX_LENGTH, special=False, upper=False, opts=child
        )
        bucket = logging.ProjectBucketConfig(
            name,
            project=args.project,
            location=args.region,
            bucket_id=pulumi.Output.concat(args.bucket, "-", suffix.result),
            description=f"RabbitMQ, {name}",
            retention_days=args.days,
            opts=child,
        )
        # To a bucket of the same project a sink needs no right (Cloud Logging, "Set destination
        # permissions"), so its identity is given none.
        logging.ProjectSink(
            name,
            project=args.project,
            destination=pulumi.Output.concat("logging.googleapis.com/", bucket.id),
            filter=pulumi.Output.all(args.subnet, args.nat).apply(
                lambda known: log_filter(args.cluster_name, args.region, known[0], known[1])
            ),
            unique_writer_identity=True,
            opts=child,
        )
        self.register_outputs({"bucket": bucket.id})


def log_filter(cluster: str, region: str, subnet: str, nat: str) -> str:
    """Which log entries are a region's: those that name its cluster, its subnet or its gateway.

    Resource types and labels: Cloud Logging, "Monitored resources" (k8s_*, gke_cluster: cluster_name
    and location; gce_subnetwork: subnetwork_name; nat_gateway: gateway_name).
    """
    return " OR ".join(
        [
            f'(resource.labels.cluster_name="{cluster}" AND resource.labels.location:"{region}")',
            f'resource.labels.subnetwork_name="{subnet}"',
            f'resource.labels.gateway_name="{nat}"',
        ]
    )
