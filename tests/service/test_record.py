"""The record of decisions after changes by somebody who can write to the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, update
from tests.service.desks import MINUTE, MONDAY, TENANT, desk, request, settle

from entitlements.adapters.memory import MemoryStore
from entitlements.adapters.sql import SqlStore, migrate
from entitlements.kernel.errors import UnreadableError
from entitlements.ports import ChainHead
from entitlements.ports.rules.chain_links import head_of, next_link
from entitlements.service import AdmitRequest, ChainBroken, ChainIntact, Desk

LINKS = 4
ODD = (0, -1, -(2**63), 7, 9, 2**63 - 1, 1.5, "", "x", "{}", b"x")
DECISIONS, CHAINS = "entitlements_decisions", "entitlements_chains"
COLUMNS = {
    DECISIONS: ("number", "digest", "tenant", "at", "kind", "subject", "body", "previous"),
    CHAINS: ("number", "digest", "tenant"),
}


def recorded(store: MemoryStore | SqlStore) -> Desk:
    settle(store)
    at_desk = desk(store)
    for number in range(LINKS):
        at_desk.execute(
            AdmitRequest(id=f"k{number}", request=request(f"R-{number}")), MONDAY + number * MINUTE
        )
    return at_desk


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    with SqlStore.open(f"sqlite:///{tmp_path_factory.mktemp('record')}/a.db") as store:
        migrate(store.engine)
        recorded(store)
        yield store


@contextmanager
def spoiled(store: SqlStore) -> Iterator[Connection]:
    """Let the rows of the record be changed, and restore them in the end."""
    touched = (store.tables.decisions, store.tables.chains)
    with store.engine.begin() as connection:
        before = {each: connection.execute(select(each)).mappings().all() for each in touched}
    try:
        with store.engine.connect() as connection:
            yield connection
    finally:
        with store.engine.begin() as connection:
            for table, rows in before.items():
                connection.execute(table.delete())
                connection.execute(insert(table), [dict(row) for row in rows])


@given(st.data())
def test_any_change_of_one_row_of_the_record_is_found(
    tables: SqlStore, data: st.DataObject
) -> None:
    table = data.draw(st.sampled_from([DECISIONS, CHAINS]))
    number = data.draw(st.integers(1, LINKS)) if table == DECISIONS else LINKS
    column = data.draw(st.sampled_from(COLUMNS[table]))
    with spoiled(tables) as connection:
        run: Any = connection.exec_driver_sql  # past the types that the library's columns check
        where = f"FROM {table} WHERE number = ?"
        row = dict(run(f"SELECT * {where}", (number,)).mappings().one())
        value = data.draw(st.sampled_from([each for each in ODD if each != row[column]]))
        match data.draw(st.sampled_from(["edit", "delete", "insert"])):
            case "edit":
                run(f'UPDATE {table} SET "{column}" = ? WHERE number = ?', (value, number))  # noqa: S608 - names of ours
            case "delete":
                run(f"DELETE {where}", (number,))
            case _:
                row["number"] = value = data.draw(st.sampled_from([*ODD, LINKS + 1]))
                names = ", ".join(f'"{name}"' for name in row)
                marks = ", ".join("?" * len(row))
                # There is one row for the head of a chain, which this one replaces.
                run(f"REPLACE INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608 - names of ours
        connection.commit()
        assert isinstance(desk(tables).verify(), ChainBroken)
    assert isinstance(desk(tables).verify(), ChainIntact)


@given(st.integers(1, LINKS), st.integers(1, LINKS))
def test_two_swapped_rows_are_found(tables: SqlStore, one: int, other: int) -> None:
    d = tables.tables.decisions
    with spoiled(tables) as connection:
        for number, place in ((one, 100), (other, one), (100, other)):
            moved = update(d).where(d.c.number == number).values(number=place)
            connection.execute(moved)
        connection.commit()
        assert isinstance(desk(tables).verify(), ChainIntact if one == other else ChainBroken)


@pytest.mark.parametrize("number", [0, -1, -(2**63)])
def test_a_link_before_the_first_is_found(tables: SqlStore, number: int) -> None:
    forged = next_link(
        TENANT, ChainHead(number - 1), at=MONDAY, kind="admit", subject="R-9", body="{}"
    )
    with spoiled(tables) as connection:
        row = {**attrs.asdict(forged), "tenant": TENANT, "at": 0}
        connection.execute(insert(tables.tables.decisions), [row])
        connection.commit()
        assert isinstance(desk(tables).verify(), ChainBroken)


def test_a_rewritten_newest_link_is_found_unless_the_head_is_rewritten_with_it(
    tables: SqlStore,
) -> None:
    at_desk, d, c = desk(tables), tables.tables.decisions, tables.tables.chains
    *_, before, last = at_desk.context.query(lambda work: work.decisions.links())
    forged = next_link(
        TENANT, head_of(before), at=last.at, kind=last.kind, subject=last.subject, body="{}"
    )
    with spoiled(tables) as connection:
        written = update(d).where(d.c.number == LINKS)
        connection.execute(written.values(body="{}", digest=forged.digest))
        connection.commit()
        why = "its digest is not the one that the store has for the end"
        assert at_desk.verify() == ChainBroken(LINKS, why)
        connection.execute(update(c).values(digest=forged.digest))
        connection.commit()
        assert isinstance(at_desk.verify(), ChainIntact), "this is what the kept head is for"
        assert isinstance(at_desk.verify(head_of(last)), ChainBroken)


@pytest.mark.parametrize("place", range(LINKS))
@pytest.mark.parametrize("act", ["edit", "delete", "renumber", "append", "end", "no end"])
def test_any_change_of_one_value_of_the_record_in_memory_is_found(act: str, place: int) -> None:
    store = MemoryStore()
    at_desk = recorded(store)
    assert isinstance(at_desk.verify(), ChainIntact)
    kept = store._tenants[TENANT]  # noqa: SLF001 - past the library
    links, last = kept["decisions"], kept["decisions"][LINKS]
    match act:
        case "edit":
            links[place + 1] = attrs.evolve(links[place + 1], body="{}")
        case "delete":
            del links[place + 1]
        case "renumber":
            links[place + 1] = attrs.evolve(links[place + 1], number=-place)
        case "append":
            links[9] = next_link(TENANT, head_of(last), at=MONDAY, kind="k", subject="s", body="{}")
        case "end":
            kept["chain"][None] = ChainHead(place, links[place].digest if place else "")
        case _:
            kept["chain"].clear()
    assert isinstance(at_desk.verify(), ChainBroken)


def test_a_subject_or_an_instant_that_differs_from_the_body_is_found_by_replay(
    tables: SqlStore,
) -> None:
    at_desk, d = desk(tables), tables.tables.decisions
    with spoiled(tables) as connection:
        this = update(d).where(d.c.number == 2)
        connection.execute(this.values(subject="R-9", at=0))
        connection.commit()
        (replayed,) = at_desk.replay("R-9")
        assert (replayed.same, replayed.differs) == (True, ("subject", "instant"))


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", '{"outcome": 1}', "null"])
def test_an_unreadable_body_is_reported_with_its_link(tables: SqlStore, body: str) -> None:
    at_desk, d = desk(tables), tables.tables.decisions
    with spoiled(tables) as connection:
        connection.execute(update(d).where(d.c.number == 2).values(body=body))
        connection.commit()
        with pytest.raises(UnreadableError, match="decision `2` cannot be read"):
            at_desk.replay("R-1")
