"""The ledger: what was taken from grants, and what is left of them."""
