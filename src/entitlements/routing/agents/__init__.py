"""People and their state."""
