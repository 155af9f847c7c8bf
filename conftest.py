"""Runs every Python snippet of the README and of the documentation as a test."""

from __future__ import annotations

from doctest import ELLIPSIS

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

# Sphinx's settings and database migrations are run by their own programs.
collect_ignore_glob = ["docs/*.py", "src/entitlements/*/migrations/*", "src/*/*/*/migrations/*"]
# These need the settings of a project.
collect_ignore = ["src/entitlements/adapters/django"]

# One page is one story: its snippets run in their order and share their names.
pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(doctest_optionflags=ELLIPSIS), SkipParser()],
    patterns=["*.md"],
    excludes=["changelog.d/*", "docs/reference/packages/*"],
).pytest()
