"""Certificate authorities of our own, and the certificates that they sign."""

from components.certificates.authority import CertificateAuthority, CertificateAuthorityArgs
from components.certificates.certificate import Certificate, CertificateArgs

__all__ = ["Certificate", "CertificateArgs", "CertificateAuthority", "CertificateAuthorityArgs"]
