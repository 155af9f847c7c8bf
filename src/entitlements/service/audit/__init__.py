"""Audit: the hash chain of decisions and the record of one decision."""
