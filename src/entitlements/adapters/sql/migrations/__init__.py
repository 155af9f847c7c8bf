"""How do the tables come to be what they are? Alembic migrations, run by `migrate`."""
