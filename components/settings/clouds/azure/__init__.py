"""Azure, as far as settings know it."""

from components.settings.clouds.azure.machines import machine
from components.settings.clouds.azure.naming import AzureNaming
from components.settings.clouds.azure.places import owns
from components.settings.clouds.azure.region import AzureRegion
from components.settings.clouds.registry import CloudFacts

__all__ = ["FACTS", "AzureNaming", "AzureRegion"]

FACTS = CloudFacts(
    key="azure",
    title="Azure",
    region=AzureRegion,
    component="components.clouds.azure",
    naming=AzureNaming,
    owns_place=owns,
    example_place="westeurope",
    machine=machine,
    example_machine="Standard_D4s_v5",
    holding={
        "azure-native:containerservice:ManagedCluster": "cluster",
        "azure-native:keyvault:Vault": "key",
        "azure-native:keyvault:Key": "key",
        "azure-native:compute:DiskEncryptionSet": "key",
        "azure-native:resources:ResourceGroup": "group",
        "azure-native:dns:Zone": "names",
    },
)
