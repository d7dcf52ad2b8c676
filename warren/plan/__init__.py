"""What `up` would do, found out without asking anybody."""
