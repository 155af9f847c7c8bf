"""Readings of milestones at an instant, and their data."""
