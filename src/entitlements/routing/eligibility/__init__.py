"""Eligibility of agents for work, and the removal of agents."""
