"""Which of the eligible agents."""
