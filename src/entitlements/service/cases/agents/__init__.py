"""Work of agents: offered, assigned, and taken back when an agent is removed."""
