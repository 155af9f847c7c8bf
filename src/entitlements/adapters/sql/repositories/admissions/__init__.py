"""Admissions in tables: on PostgreSQL with one statement that reads and one that writes."""
