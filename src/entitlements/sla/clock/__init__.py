"""Clocks as folds over the case history."""
