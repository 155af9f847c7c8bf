"""What happened to a case."""
