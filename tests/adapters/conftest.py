"""Databases for the tests of adapters."""

from tests.databases import make_sql, make_store, postgres_store, sql_store

__all__ = ["make_sql", "make_store", "postgres_store", "sql_store"]
