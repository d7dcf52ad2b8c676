"""Small projects on an API server of the test's own."""

from tests.support.projects import make, server

__all__ = ["make", "server"]
