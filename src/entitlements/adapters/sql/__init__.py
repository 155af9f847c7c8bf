"""How is it kept in a database? SQLAlchemy Core on SQLite and PostgreSQL, from one code.

Start reading at `tables`, `hooks` and `mapping`, go on to `session`, `facts`, `people`, `work` and
`trail`, then to `engines` and `store`; end at `migrating`.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.adapters.sql.engines import configure_engine, open_engine
    from entitlements.adapters.sql.schema_version import (
        migrate,
        schema_differences,
        schema_revision,
    )
    from entitlements.adapters.sql.store import SqlStore, SqlUnit
    from entitlements.adapters.sql.tables import Tables, define_tables
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "engines": ("configure_engine", "open_engine"),
            "schema_version": ("migrate", "schema_differences", "schema_revision"),
            "store": ("SqlStore", "SqlUnit"),
            "tables": ("Tables", "define_tables"),
        },
    )

__all__ = [
    "SqlStore",
    "SqlUnit",
    "Tables",
    "configure_engine",
    "define_tables",
    "migrate",
    "open_engine",
    "schema_differences",
    "schema_revision",
]
