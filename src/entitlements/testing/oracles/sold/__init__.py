"""Oracles of what a line was sold: its grants, numbers by quantity, and lead times."""
