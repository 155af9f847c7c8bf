"""Strategies: the order of eligible agents."""
