"""Each migration of Alembic has one of Django, and both databases end with the same tables."""

from __future__ import annotations

import re
from pathlib import Path

from django.core.management import call_command
from django.db import connections

from entitlements.adapters import django
from entitlements.adapters.django.schema import to_revision
from entitlements.adapters.sql import schema_differences, schema_revision
from entitlements.adapters.sql.borrowed import borrowed_engine
from entitlements.adapters.sql.schema_version import SCRIPTS
from entitlements.adapters.sql.tables import REVISION


def state(alias: str) -> tuple[str | None, tuple[str, ...]]:
    django = connections[alias]
    django.ensure_connection()
    engine = borrowed_engine(django.vendor, lambda: django.connection)
    with engine.connect() as connection:
        return schema_revision(connection), schema_differences(connection)


def test_migrate_makes_the_tables_and_takes_them_back(alias: str) -> None:
    assert state(alias) == (REVISION, ())
    call_command("migrate", "entitlements", "zero", database=alias, verbosity=0)
    assert state(alias)[0] is None
    call_command("migrate", "entitlements", database=alias, verbosity=0)
    assert state(alias) == (REVISION, ())


def test_another_database_is_left_alone(project: dict[str, str]) -> None:
    class Editor:
        connection = connections[project["postgres"]]

    to_revision("base")(None, Editor())
    assert state(project["postgres"]) == (REVISION, ())


def test_each_migration_of_alembic_has_one_of_django() -> None:
    ours = {each.name[1:5] for each in (SCRIPTS / "versions").glob("v*.py")}
    folder = Path(str(django.__file__)).with_name("migrations")
    theirs = "".join(each.read_text(encoding="utf-8") for each in folder.glob("0*.py"))
    assert set(re.findall(r'to_revision\("(\d+)"', theirs)) == ours
