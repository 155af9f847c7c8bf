"""Alembic environment: migrations on a given connection, with a separate version table."""

from __future__ import annotations

from alembic import context

from entitlements.adapters.sql.tables import VERSION_TABLE, is_own_table

given = context.config.attributes
context.configure(
    connection=given["connection"],
    target_metadata=given["tables"].metadata,
    version_table=VERSION_TABLE,
    version_table_schema=given["schema"],
    include_object=is_own_table,
    include_schemas=given["schema"] is not None,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
