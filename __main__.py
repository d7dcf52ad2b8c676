"""The Pulumi program: `pulumi up --stack <environment>` or `warren up --stack <environment>`."""

from components.program import build

build()
