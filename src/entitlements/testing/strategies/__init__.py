"""Hypothesis strategies for the values of each package; `worlds` holds whole customers."""
