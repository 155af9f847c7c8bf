"""What waits, and what it requires."""
