"""Whole customers drawn with dice: catalog, contracts, usage, requests and work logs."""
