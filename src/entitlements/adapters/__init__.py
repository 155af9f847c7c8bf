"""Stores: in memory, and in SQLite and PostgreSQL."""
