"""Stores for the tests of loading."""

from tests.databases import make_store, sql_store

__all__ = ["make_store", "sql_store"]
