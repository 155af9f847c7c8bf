"""Lint of facts, plans and accounts: values that are valid but probably unintended."""
