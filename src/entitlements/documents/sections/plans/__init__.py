"""Document section `plans`: plans, their rights, and targets that they need."""
