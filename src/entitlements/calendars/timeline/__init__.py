"""Open time compiled to integers."""
