"""A desk that is killed at any statement has written everything or nothing, and continues."""

from pathlib import Path

import pytest
from tests.databases import drop_database, new_database
from tests.service.crashes import SCENES, Files, Scene, Tenants, every_kill

BY_NAME = {each.name: each for each in SCENES}


@pytest.mark.parametrize("scene", SCENES, ids=lambda each: each.name)
def test_a_command_killed_at_any_statement_is_done_completely_or_not_at_all(
    scene: Scene, tmp_path: Path
) -> None:
    kills = list(every_kill(Files(tmp_path), scene))
    assert len(kills) > 8
    assert all(kills)


@pytest.mark.parametrize("name", ["accept", "resolve"])
def test_the_same_holds_on_postgres(name: str, postgres_server: str) -> None:
    url = new_database(postgres_server)
    try:
        kills = list(every_kill(Tenants(url), BY_NAME[name]))
    finally:
        drop_database(postgres_server, url)
    assert len(kills) > 8
    assert all(kills)


@pytest.mark.parametrize("name", ["resolve"])
def test_without_one_transaction_kills_leave_inconsistent_data(name: str, tmp_path: Path) -> None:
    held = all(every_kill(Files(tmp_path), BY_NAME[name], whole=False))  # ends at the first break
    assert not held, "the control must break, or the test would not notice"
