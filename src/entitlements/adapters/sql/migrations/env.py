"""What Alembic runs: on the connection that was given, with a version table of our own."""

from __future__ import annotations

from typing import Any

from alembic import context

from entitlements.adapters.sql.tables import PREFIX, VERSION_TABLE


def _is_ours(thing: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:  # noqa: FBT001 - Alembic calls it
    del thing
    return kind != "table" or (name or "").startswith(PREFIX)


given = context.config.attributes
context.configure(
    connection=given["connection"],
    target_metadata=given["tables"].metadata,
    version_table=VERSION_TABLE,
    version_table_schema=given["schema"],
    include_object=_is_ours,
    include_schemas=given["schema"] is not None,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
