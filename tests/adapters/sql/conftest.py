"""Makes stores that are settled."""

from tests.adapters.sql.hosts import settled, settled_file, settled_postgres

__all__ = ["settled", "settled_file", "settled_postgres"]
