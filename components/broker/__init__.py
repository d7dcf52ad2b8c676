"""A region's RabbitMQ cluster on Kubernetes."""

from components.broker.broker import Broker, BrokerArgs
from components.broker.names import BrokerNames

__all__ = ["Broker", "BrokerArgs", "BrokerNames"]
