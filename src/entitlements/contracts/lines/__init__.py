"""One contract line over time."""
