"""What the command line does with a running estate."""
