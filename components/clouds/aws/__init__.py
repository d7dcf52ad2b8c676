"""A region on AWS: a VPC over three zones and an EKS cluster."""

from components.clouds.aws.cloud import AwsCloud, AwsCloudArgs

__all__ = ["AwsCloud", "AwsCloudArgs"]
