"""Compiled catalogs, agents of a group."""
