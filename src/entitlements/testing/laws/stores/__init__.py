"""Parts of the laws of a store: accounts, admissions, transactions, cases and work."""
