"""Nodes to values and back."""
