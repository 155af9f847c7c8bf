"""How work becomes charge lines: split, rounded, paid by grants, priced."""
