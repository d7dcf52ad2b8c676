"""A region on Azure: a virtual network with three zones' subnets and an AKS cluster."""

from components.clouds.azure.cloud import AzureCloud, AzureCloudArgs

__all__ = ["AzureCloud", "AzureCloudArgs"]
