"""Statements: what one customer owes for a period; start with `statement`."""
