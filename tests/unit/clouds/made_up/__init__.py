"""A cloud that is in nobody's code but this folder's: its settings, and what it builds."""
