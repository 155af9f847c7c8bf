"""Hash chain and its records."""
