from __future__ import annotations

from pathlib import Path
from tempfile import gettempdir

import pytest
from tests.databases import drop_database, new_database

from entitlements.testing.routing_bench import (
    Piece,
    Player,
    RuleChecker,
    SkillChange,
    StatusChange,
    Withdrawal,
    WorkTransfer,
    World,
    WorldAgent,
    make_world,
)
from entitlements.testing.routing_bench.contenders.desk import PostgresDesk, SqliteDesk, StoredDesk
from entitlements.testing.routing_bench.worlds.named import START

MINUTE = 60_000_000


def check(world: World, desk: StoredDesk) -> int:
    """Play a world, check every rule, and return the number of assignments."""
    assert desk.load(world) is None
    checker = RuleChecker(world)
    played = Player(world, desk, watch=checker).play()
    assert checker.report().violations == {}, checker.report().examples
    return played.assigned


def test_a_desk_carries_out_every_change_it_takes_part_in() -> None:
    events = (
        Piece(at=START, id="p1", handling=60 * MINUTE),
        Piece(at=START + 1, id="p2", handling=60 * MINUTE),
        WorkTransfer(at=START + MINUTE, work="p1"),
        StatusChange(at=START + 2 * MINUTE, agent="bob", away=True),
        Piece(at=START + 3 * MINUTE, id="p3", handling=60 * MINUTE),
        Piece(at=START + 4 * MINUTE - 1, id="p4", handling=MINUTE),
        Withdrawal(at=START + 4 * MINUTE, work="p4"),
        SkillChange(at=START + 5 * MINUTE, agent="bob", skills={"db": 1}),
        StatusChange(at=START + 6 * MINUTE, agent="bob", away=False),
    )
    agents = [WorldAgent(id="ada", capacity=1), WorldAgent(id="bob", capacity=1)]
    world = World(name="w", start=START, pieces=4, agents=agents, events=events)
    # Three arrivals, and the transferred piece again; p4 is withdrawn before anybody is free.
    assert check(world, SqliteDesk()) == 4


def test_a_desk_over_postgresql_keeps_every_rule(postgres_server: str) -> None:
    url = new_database(postgres_server)
    world = make_world("chat", agents=4, pieces=12)
    desk = PostgresDesk(url)
    assert check(world, desk) == 12
    again = PostgresDesk(url)
    assert check(world, again) == 12
    del desk, again
    drop_database(postgres_server, url)


def test_a_desk_leaves_no_file_behind() -> None:
    def files() -> set[Path]:
        return set(Path(gettempdir()).glob("entitlements-*/bench.db"))

    before = files()
    desk: StoredDesk | None = SqliteDesk()
    assert desk is not None
    assert desk.load(make_world("chat", agents=1, pieces=0)) is None
    assert len(files() - before) >= 1
    mine = files() - before
    del desk
    assert not any(each.exists() for each in mine) or pytest.fail(f"left behind: {mine}")
