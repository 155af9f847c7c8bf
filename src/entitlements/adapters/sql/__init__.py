"""Store in SQLite and PostgreSQL, with SQLAlchemy Core and Alembic.

Start with `SqlStore` and `migrate`; `open_engine` and `configure_engine` prepare the engine.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.adapters.sql.engines import configure_engine, open_engine
    from entitlements.adapters.sql.schema_version import (
        migrate,
        schema_differences,
        schema_revision,
    )
    from entitlements.adapters.sql.store import SqlStore
    from entitlements.adapters.sql.tables import define_tables
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "engines": ("configure_engine", "open_engine"),
            "schema_version": ("migrate", "schema_differences", "schema_revision"),
            "store": ("SqlStore",),
            "tables": ("define_tables",),
        },
    )

__all__ = [
    "SqlStore",
    "configure_engine",
    "define_tables",
    "migrate",
    "open_engine",
    "schema_differences",
    "schema_revision",
]
