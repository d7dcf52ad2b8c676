"""Google Cloud, as far as settings know it."""

from components.settings.clouds.gcp.machines import machine
from components.settings.clouds.gcp.naming import GcpNaming
from components.settings.clouds.gcp.places import REGIONS
from components.settings.clouds.gcp.region import GcpRegion
from components.settings.clouds.registry import CloudFacts

__all__ = ["FACTS", "GcpNaming", "GcpRegion"]

FACTS = CloudFacts(
    key="gcp",
    title="Google Cloud",
    region=GcpRegion,
    component="components.clouds.gcp",
    naming=GcpNaming,
    owns_place=REGIONS.__contains__,
    example_place="asia-northeast1",
    machine=machine,
    example_machine="n2-standard-4",
    holding={
        "gcp:container/cluster:Cluster": "cluster",
        "gcp:kms/keyRing:KeyRing": "key",
        "gcp:kms/cryptoKey:CryptoKey": "key",
        "gcp:dns/managedZone:ManagedZone": "names",
    },
)
