"""A region on a Kubernetes cluster that is already there."""

from components.clouds.existing.cluster import ExistingCluster, ExistingClusterArgs

__all__ = ["ExistingCluster", "ExistingClusterArgs"]
