"""The command `warren`: a room for each concern; docs/architecture.md shows them."""
