"""Units that plans include."""
