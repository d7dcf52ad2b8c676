"""The pulumi CLI as the engine, through the Automation API."""
