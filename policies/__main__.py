"""The rules as a Pulumi policy pack: `pulumi preview --policy-pack policies`."""

from __future__ import annotations

import sys
from pathlib import Path

# Pulumi runs this file by its folder's path, which leaves the package itself off the path.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from policies.pack import pack

pack()
