"""Profiles of Hypothesis (`tests/effort.py`), and one PostgreSQL for all tests of a worker."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.effort import PROFILE

# Workers and some hundred child processes would compile the library again, each for itself.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    os.environ["PYTHONPYCACHEPREFIX"] = str(Path(__file__).parents[1] / ".pytest_cache" / "code")

# Small shared machines are slow at times, which says nothing about an example.
settings.register_profile(
    PROFILE,
    max_examples={"dev": 12, "ci": 100, "deep": 5_000}[PROFILE],
    deadline=None,
    print_blob=True,
    derandomize=PROFILE == "ci",
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(PROFILE)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of the PostgreSQL server for all tests of this worker."""
    from tests.databases import server_or_skip  # noqa: PLC0415 - few tests need a database

    with server_or_skip() as url:
        yield url
