"""Answers of routing, and their data."""
