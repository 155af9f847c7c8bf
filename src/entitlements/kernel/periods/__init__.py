"""Periods of time: durations as text, and half-open intervals."""
