"""What brings a stack up: pulumi, or the embedded engine."""
