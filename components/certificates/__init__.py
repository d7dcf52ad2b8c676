"""The stack's own certificate authority and the certificates that it signs."""

from components.certificates.authority import CertificateAuthority, CertificateAuthorityArgs
from components.certificates.certificate import Certificate, CertificateArgs

__all__ = ["Certificate", "CertificateArgs", "CertificateAuthority", "CertificateAuthorityArgs"]
