"""Parts of the oracle of SLA clocks: cut-offs, cycles and the history that they read."""
