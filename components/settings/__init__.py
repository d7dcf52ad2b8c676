"""The stack's settings: typed, checked whole and once, before anything is built.

Nothing here knows Pulumi but `running.load`, which reads the running program's config; it is imported
from its own module, so that whoever only checks settings loads no SDK.
"""

from components.settings.load import SettingsError, parse
from components.settings.stack import Settings

__all__ = ["Settings", "SettingsError", "parse"]
