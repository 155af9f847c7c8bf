"""The ports in tables."""
