"""Migrations of Django: each runs one of the package's own Alembic migrations."""
