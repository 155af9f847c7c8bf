"""Sections of a report, from cases and from the records beside them."""
