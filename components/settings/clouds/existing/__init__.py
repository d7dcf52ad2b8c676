"""Clusters that are already there, wherever they are."""

from components.settings.clouds.existing.region import ExistingRegion
from components.settings.clouds.registry import CloudFacts

__all__ = ["FACTS", "ExistingRegion"]

FACTS = CloudFacts(
    key="existing",
    title="a cluster that is there already",
    region=ExistingRegion,
    component="components.clouds.existing",
)
