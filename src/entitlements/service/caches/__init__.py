"""Caches of a desk and a worker: compiled catalogs, agents of a group."""
