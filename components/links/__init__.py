"""Links between regions. One module a kind; certificates and rights are the same for all."""

from components.links.assemble import definitions_for, watch
from components.links.certificates import LinkCertificates, LinkCertificatesArgs
from components.links.contract import Estate, Upstream
from components.links.graph import peers, sources

__all__ = [
    "Estate",
    "LinkCertificates",
    "LinkCertificatesArgs",
    "Upstream",
    "definitions_for",
    "peers",
    "sources",
    "watch",
]
