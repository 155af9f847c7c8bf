"""Contract dates as instants, and values that change over time."""
