"""Parts of the laws of SLA clocks: queries about a case, and the comparison with the oracle."""
