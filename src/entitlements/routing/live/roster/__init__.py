"""A live roster: its compiled index, the choice of an agent from it, and its log."""
