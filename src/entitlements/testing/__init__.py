"""Testing kit: Hypothesis strategies, laws and oracles, one module for each package."""
