"""Pulumi's Python SDK: running a program on it, and every patch of its inside."""
