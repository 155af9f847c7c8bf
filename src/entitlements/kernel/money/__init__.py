"""Exact amounts of money, and the currencies they are in."""
