"""Which values are worth trying? Hypothesis strategies, one module a room."""
