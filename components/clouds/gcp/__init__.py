"""A region on Google Cloud: a VPC network and a GKE cluster."""

from components.clouds.gcp.cloud import GcpCloud, GcpCloudArgs

__all__ = ["GcpCloud", "GcpCloudArgs"]
