"""Oracles of what a line includes: its grants, numbers by quantity, and lead times."""
