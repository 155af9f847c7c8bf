"""Figures: shares, waiting times and charts, computed from counts."""
