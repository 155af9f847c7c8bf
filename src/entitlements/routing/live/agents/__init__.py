"""The agents of a live roster: who is present, who is qualified, and in which order."""
