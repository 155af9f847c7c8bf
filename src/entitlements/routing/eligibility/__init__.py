"""May this agent take this work."""
