"""Units of a case in the customer's ledger: reserved, consumed, returned, settled by work."""
