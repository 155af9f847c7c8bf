"""Grants of a ledger: their states, the grants of plans, and what each entry does to them."""
