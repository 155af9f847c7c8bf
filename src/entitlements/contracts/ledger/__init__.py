"""What was taken, and what is left."""
