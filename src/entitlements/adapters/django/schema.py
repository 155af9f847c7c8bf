"""Steps of Django's migrations: the package's own Alembic migrations on Django's connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from entitlements.adapters.django.settings import adapter_settings
from entitlements.adapters.sql.borrowed import borrowed_engine
from entitlements.adapters.sql.schema_version import migrate


def to_revision(revision: str) -> Callable[[Any, Any], None]:
    """Return what `RunPython` calls to bring the tables to a migration, up or down.

    Other databases than that of the settings are left alone.

    Args:
        revision: Of Alembic; `base` for no tables.
    """

    def run(_apps: Any, editor: Any) -> None:
        django = editor.connection
        if django.alias != adapter_settings().database:
            return
        engine = borrowed_engine(django.vendor, lambda: django.connection)
        with engine.connect() as connection, connection.begin():
            migrate(connection, to=revision)

    return run
