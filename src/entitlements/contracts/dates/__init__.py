"""Dates as instants; values over time."""
