"""How is it kept in a database? SQLAlchemy Core on SQLite and PostgreSQL, from one code.

Start reading at `tables`, `hooks` and `mapping`, go on to `session`, `facts`, `people`, `work` and
`trail`, then to `engines` and `store`; end at `migrating`.
"""

from entitlements.adapters.sql.engines import open_engine, set_up
from entitlements.adapters.sql.schema_version import differences, migrate, revision
from entitlements.adapters.sql.store import SqlStore, SqlUnit
from entitlements.adapters.sql.tables import Tables, tables

__all__ = [
    "SqlStore",
    "SqlUnit",
    "Tables",
    "differences",
    "migrate",
    "open_engine",
    "revision",
    "set_up",
    "tables",
]
