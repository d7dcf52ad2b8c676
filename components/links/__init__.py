"""Links between regions. One module a kind; certificates are the same for all."""

from components.links.certificates import LinkCertificates, LinkCertificatesArgs
from components.links.federation import Upstream, definitions_for, federated, upstream_queue

__all__ = [
    "LinkCertificates",
    "LinkCertificatesArgs",
    "Upstream",
    "definitions_for",
    "federated",
    "upstream_queue",
]
