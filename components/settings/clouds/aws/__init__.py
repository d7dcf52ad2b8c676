"""AWS, as far as settings know it."""

from components.settings.clouds.aws.machines import machine
from components.settings.clouds.aws.naming import AwsNaming
from components.settings.clouds.aws.places import REGIONS
from components.settings.clouds.aws.region import AwsRegion
from components.settings.clouds.registry import CloudFacts

__all__ = ["FACTS", "AwsNaming", "AwsRegion"]

FACTS = CloudFacts(
    key="aws",
    title="AWS",
    region=AwsRegion,
    component="components.clouds.aws",
    naming=AwsNaming,
    owns_place=REGIONS.__contains__,
    example_place="us-east-1",
    machine=machine,
    example_machine="m7i.xlarge",
    holding={
        "aws:eks/cluster:Cluster": "cluster",
        "aws:kms/key:Key": "key",
        "aws:route53/zone:Zone": "names",
    },
)
