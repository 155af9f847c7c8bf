from __future__ import annotations

from itertools import product

from sqlalchemy.dialects import postgresql

from entitlements.adapters.sql.repositories.admissions.admission_statements import (
    AdmissionShape,
    AdmissionStatements,
)
from entitlements.adapters.sql.tables import define_tables

STATEMENTS = AdmissionStatements(define_tables(schema="support"), postgresql.dialect())


def shape(
    *, known: bool = True, opens: bool = True, entries: int = 0, messages: int = 1
) -> AdmissionShape:
    return AdmissionShape(known, opens, entries, messages)


def test_the_account_is_locked_first_and_the_chain_last() -> None:
    for opens, entries, messages in product((True, False), (0, 2), (1, 2)):
        text = STATEMENTS.writing(shape(opens=opens, entries=entries, messages=messages)).text
        account = text.index("UPDATE support.entitlements_accounts" if opens else "FOR SHARE")
        chain = text.index("UPDATE support.entitlements_chains")
        assert account < text.index("INSERT INTO") < chain
        assert chain < text.index("INSERT INTO support.entitlements_decisions")
        assert text.count("INSERT INTO support.entitlements_outbox") == messages
        assert text.count("INSERT INTO support.entitlements_entries") == entries
        assert ("entitlements_cases" in text) == opens


def test_an_unknown_customer_stays_unknown_until_the_decision_is_sealed() -> None:
    text = STATEMENTS.writing(shape(known=False, opens=False)).text
    assert "NOT EXISTS (SELECT 1 FROM support.entitlements_accounts" in text


def test_a_shape_is_compiled_once() -> None:
    assert STATEMENTS.writing(shape()) is STATEMENTS.writing(shape())


def test_psycopg_keeps_the_parsed_statement() -> None:
    """psycopg parses a statement of more than 50 parameters or 4,096 bytes at each execution."""
    text = STATEMENTS.writing(shape(entries=2)).text
    assert text.count("%s") <= 50
    assert len(text.encode()) <= 4_096
