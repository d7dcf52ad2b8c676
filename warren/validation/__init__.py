"""Registered arguments against what the providers' own SDKs say: names, kinds, enums, what is required.

A program's types are checked where it is written; what it registers is made of config, mappings and
answers of other resources, which no type checker follows. This looks at the result.
"""

from warren.validation.arguments import Fault, check

__all__ = ["Fault", "check"]
