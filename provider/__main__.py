"""The plugin: Pulumi runs this folder with the engine's address, and asks it for schema and components."""

from __future__ import annotations

import sys
from pathlib import Path

from pulumi.provider.experimental import component_provider_host

# Pulumi runs a folder, not an installed package; the components are beside it.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from provider.estate import NAME, Estate

component_provider_host(components=[Estate], name=NAME)
