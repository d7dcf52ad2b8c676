"""The rules, one module per thing that they are about."""

from policies.rules import clusters, estate, identity, keys, nodes, objects, pods, services, storage

RULES = (
    *pods.RULES,
    *objects.RULES,
    *services.RULES,
    *storage.RULES,
    *clusters.RULES,
    *nodes.RULES,
    *identity.RULES,
    *keys.RULES,
)
"""Rules that look at one resource."""

STACK_RULES = estate.RULES
"""Rules that look at the whole stack."""
