"""All statements of a store."""

from __future__ import annotations

from functools import lru_cache
from typing import final

from sqlalchemy import Dialect, func, select

from entitlements.adapters.sql.repositories.admissions.admission_statements import (
    AdmissionStatements,
)
from entitlements.adapters.sql.repositories.case_changes import ChangeStatements
from entitlements.adapters.sql.repositories.outbox_and_decisions import OutboxStatements
from entitlements.adapters.sql.repositories.rosters import RosterStatements
from entitlements.adapters.sql.repositories.service_records import RecordStatements
from entitlements.adapters.sql.repositories.statements import FactStatements, WorkStatements
from entitlements.adapters.sql.session.prepared import PreparedStatement, positional_dialect
from entitlements.adapters.sql.tables import Tables, define_tables


@final
class AllStatements:
    """The statements of the repositories of a store."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        self.facts = FactStatements(tables, dialect)
        self.rosters = RosterStatements(tables, dialect)
        self.work = WorkStatements(tables, dialect)
        self.records = RecordStatements(tables, dialect)
        self.changes = ChangeStatements(tables, dialect)
        self.trail = OutboxStatements(tables, dialect)
        self.whole = AdmissionStatements(tables, dialect)
        self.ask_time = PreparedStatement(select(func.clock_timestamp()), dialect)


def all_statements(tables: Tables, dialect: Dialect) -> AllStatements:
    """Return the statements for tables and a kind of database, prepared once in a process."""
    return _prepared(tables, positional_dialect(dialect))


@lru_cache(maxsize=16)
def _prepared(tables: Tables, dialect: Dialect) -> AllStatements:
    return AllStatements(tables, dialect)


@lru_cache(maxsize=1)
def own_tables() -> Tables:
    """Return the tables of all stores that do not have their own."""
    return define_tables()
