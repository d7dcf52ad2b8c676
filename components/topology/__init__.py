"""Vhosts, exchanges, queues, bindings, policies and users, as config declares them."""

from components.topology.definitions import LinkDefinitions, definitions
from components.topology.topology import Topology, TopologyArgs
from components.topology.users import Users, UsersArgs

__all__ = [
    "LinkDefinitions",
    "Topology",
    "TopologyArgs",
    "Users",
    "UsersArgs",
    "definitions",
]
