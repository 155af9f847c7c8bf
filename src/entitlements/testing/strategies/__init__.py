"""Hypothesis strategies, one module for each package."""
