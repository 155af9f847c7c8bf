"""A desk that is killed at any statement has written everything or nothing, and continues."""

from pathlib import Path

import pytest
from tests.databases import drop_database, new_database
from tests.effort import PROFILE
from tests.service.crashes import SCENES, Files, Tenants, every_kill

pytestmark = pytest.mark.load

BY_NAME = {each.name: each for each in SCENES}
STEP = 3 if PROFILE == "dev" else 1
"""Every third statement in every run, each of them in `.ci/run`."""


@pytest.mark.parametrize("number", range(len(SCENES)), ids=[each.name for each in SCENES])
def test_a_command_killed_at_any_statement_is_done_completely_or_not_at_all(
    number: int, tmp_path: Path
) -> None:
    first = 1 + number % STEP
    kills = list(every_kill(Files(tmp_path), SCENES[number], first=first, step=STEP))
    assert len(kills) * STEP > 8
    assert all(kills)


@pytest.mark.parametrize("name", ["batch", "resolve"])
def test_the_same_holds_on_postgres(name: str, postgres_server: str) -> None:
    url = new_database(postgres_server)
    try:
        kills = list(every_kill(Tenants(url), BY_NAME[name], step=STEP))
    finally:
        drop_database(postgres_server, url)
    assert len(kills) * STEP > 8
    assert all(kills)


@pytest.mark.parametrize("name", ["resolve"])
def test_without_one_transaction_kills_leave_inconsistent_data(name: str, tmp_path: Path) -> None:
    held = all(every_kill(Files(tmp_path), BY_NAME[name], whole=False))  # ends at the first break
    assert not held, "the control must break, or the test would not notice"
