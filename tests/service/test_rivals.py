"""Several processes give the same commands in two orders: each is carried out once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.databases import drop_database, new_database
from tests.service.rivals import commands, race_and_check


@pytest.fixture
def url(postgres_server: str) -> Iterator[str]:
    made = new_database(postgres_server)
    yield made
    drop_database(postgres_server, made)


def test_rival_processes_carry_out_the_same_commands_once_on_sqlite(tmp_path: Path) -> None:
    race_and_check(f"sqlite:///{tmp_path / 'rivals.db'}", commands(60))


def test_rival_processes_carry_out_the_same_commands_once_on_postgres(url: str) -> None:
    race_and_check(url, commands(60))
