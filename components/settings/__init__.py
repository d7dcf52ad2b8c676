"""The stack's settings: typed, checked whole and once, before anything is built.

Nothing here knows Pulumi but `load`, which reads the running program's config.
"""

from components.settings.load import SettingsError, load, parse
from components.settings.stack import Settings

__all__ = ["Settings", "SettingsError", "load", "parse"]
