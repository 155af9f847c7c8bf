"""Alembic migrations of the tables, run by `migrate`."""
