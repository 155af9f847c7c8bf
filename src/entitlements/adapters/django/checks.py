"""System checks: the settings, the kind of the database, and its migration."""

from __future__ import annotations

from typing import Any, Final

from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's names
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.utils.connection import ConnectionDoesNotExist
from django.utils.module_loading import import_string

from entitlements.adapters.django.settings import adapter_settings
from entitlements.adapters.sql.borrowed import borrowed_engine
from entitlements.adapters.sql.schema_version import schema_revision
from entitlements.adapters.sql.tables import REVISION

KINDS: Final = ("sqlite", "postgresql")


def check_settings(**_: Any) -> list[CheckMessage]:
    """Return `entitlements.E001` for settings that cannot be used, W002 without a tenant."""
    try:
        asked = adapter_settings()
        if asked.reconcile is not None:
            import_string(asked.reconcile)
    except (ImproperlyConfigured, ImportError) as error:
        return [Error(str(error), id="entitlements.E001")]
    if asked.tenant is None:
        hint = "set ENTITLEMENTS['TENANT'], or pass a tenant to each call"
        return [Warning("No tenant is named.", hint=hint, id="entitlements.W002")]
    return []


def check_database(**_: Any) -> list[CheckMessage]:
    """Return E002 for a database that is not supported, W001 for SQLite that locks too late."""
    try:
        django = connections[adapter_settings().database]
    except ImproperlyConfigured:
        return []  # `check_settings` reports it.
    except ConnectionDoesNotExist as error:
        return [Error(str(error), id="entitlements.E002")]
    if django.vendor not in KINDS:
        words = f"The database is {django.display_name}, not SQLite or PostgreSQL."
        return [Error(words, id="entitlements.E002")]
    if django.vendor == "postgresql" and not _has_psycopg3():
        hint = "install psycopg"
        return [Error("Django uses psycopg2.", hint=hint, id="entitlements.E002")]
    mode = django.settings_dict.get("OPTIONS", {}).get("transaction_mode")
    if django.vendor == "sqlite" and str(mode).upper() not in {"IMMEDIATE", "EXCLUSIVE"}:
        hint = "set OPTIONS = {'transaction_mode': 'IMMEDIATE'}"
        words = "SQLite locks at the first write, so that a transaction may have to be run again."
        return [Warning(words, hint=hint, id="entitlements.W001")]
    return []


def _has_psycopg3() -> bool:
    from django.db.backends.postgresql import psycopg_any  # noqa: PLC0415 - needs a driver

    return bool(psycopg_any.is_psycopg3)


def check_schema(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Return E003 for a database at another migration; runs with `check --database`."""
    try:
        alias = adapter_settings().database
        if alias not in (databases or ()) or connections[alias].vendor not in KINDS:
            return []
    except ImproperlyConfigured:
        return []
    django = connections[alias]
    django.ensure_connection()
    engine = borrowed_engine(django.vendor, lambda: django.connection)
    with engine.connect() as connection:
        found = schema_revision(connection)
    if found in {None, REVISION}:  # None: `migrate` makes the tables after these checks.
        return []
    words = f"The tables are at migration {found}, the library at {REVISION}."
    return [Error(words, hint="run `manage.py migrate entitlements`", id="entitlements.E003")]
