"""What every run shares, whatever it does: the project, the lock, Ctrl-C, progress, the stack's lab."""
