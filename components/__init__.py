"""Every ComponentResource of warren, and the settings that they are built from.

One folder per concern; the type token `warren:<folder>:<Class>` names the place of the code.
"""
