"""Oracles: slow and obvious implementations of the core, one module for each package."""
