"""Routers that the benchmark knows: those of this library and simpler rivals."""
