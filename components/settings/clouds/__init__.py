"""Settings that belong to one cloud: a folder each, and the list of those that come with warren.

A cloud's folder holds its region and zone, and what it knows of its own places, machines, disks and
ranges. To add one, write such a folder, one in `components/clouds/`, and a line here.
"""

from components.settings.clouds import aws, azure, existing, gcp
from components.settings.clouds.registry import register

for _facts in (existing.FACTS, aws.FACTS, azure.FACTS, gcp.FACTS):
    register(_facts)
