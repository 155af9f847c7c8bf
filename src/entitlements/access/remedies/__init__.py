"""Remedies of a denial or deferral: their values, and the search that verifies each."""
