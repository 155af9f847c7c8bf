"""Oracles: slow and obvious implementations of the core, and their parts in folders."""
