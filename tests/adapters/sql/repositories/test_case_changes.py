"""Changes are found in the order of the commits, by an index and not row by row."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import pytest
from sqlalchemy import update
from tests.databases import with_tables

from entitlements.adapters.sql import SqlStore
from entitlements.adapters.sql.repositories.all_statements import all_statements
from entitlements.ports import UnitOfWork
from entitlements.testing.laws.ports import CHANGE_LAWS, Law
from entitlements.testing.strategies.ports import START, account, case, work_item


@pytest.mark.parametrize("law", CHANGE_LAWS, ids=lambda law: law.__name__)
def test_changes_keep_the_laws(law: Law, make_sql: Callable[[], SqlStore]) -> None:
    law(make_sql)


def changed(work: UnitOfWork, id: str) -> None:
    before = work.cases.case(id)
    work.cases.change(
        before, attrs.evolve(before, next_due_at=None if before.next_due_at else START)
    )


def filled(store: SqlStore, *ids: str) -> SqlStore:
    with store.begin("t") as work:
        work.accounts.open(account())
        for id in ids:
            work.cases.open(case(id))
            work.work_items.add(work_item(id))
        work.commit()
    return store


def test_what_a_slower_unit_commits_after_the_mark_is_found(
    make_sql: Callable[[], SqlStore],
) -> None:
    store = filled(make_sql(), "a", "b", "c")
    if store.engine.dialect.name == "sqlite":
        return  # one unit writes at a time
    with store.begin("t") as slow:
        changed(slow, "a")
        with store.begin("t") as fast:
            changed(fast, "b")
            fast.commit()
        with store.begin("t") as reader:
            mark = reader.case_changes.mark()
            assert reader.cases.case("a") == case("a")
        slow.commit()
    with store.begin("t") as work:
        assert {"a"} <= set(work.case_changes.since(mark) or ()) <= {"a", "b", "c"}


def test_nothing_else_is_found() -> None:
    store = filled(with_tables("sqlite://"), "a", "b", "c")
    with store.begin("t") as work:
        mark = work.case_changes.mark()
    with store.begin("t") as work:
        changed(work, "b")
        work.commit()
    with store.begin("t") as work:
        assert work.case_changes.since(mark) == ("b",)
        assert work.case_changes.since(work.case_changes.mark()) == ()


def test_a_restored_database_is_found_out() -> None:
    store = filled(with_tables("sqlite://"), "a", "b")
    with store.begin("t") as work:
        mark = work.case_changes.mark()
    with store.begin("t") as work:
        changed(work, "b")
        after = work.case_changes.mark()
        work.commit()
    with store.engine.begin() as connection:  # as it was before, and changed otherwise since
        cases = store.tables.cases
        connection.execute(update(cases).where(cases.c.id == "b").values(changed=3, state="x"))
    with store.begin("t") as work:
        assert work.case_changes.since(mark) == ("b",)
        assert work.case_changes.since(after) is None


def test_changes_are_found_by_an_index() -> None:
    store = filled(with_tables("sqlite://"), "a")
    statements = all_statements(store.tables, store.engine.dialect).changes
    given = {"after": "", "most": 9, "since_0": 1, "since_1": 1, "since_2": 1, "limit": 9}
    with store.engine.begin() as connection:
        for each in (statements.since, statements.limits, statements.last):
            values = each.values({**given, "tenant_": "t"})
            rows = connection.exec_driver_sql(f"explain query plan {each.text}", values).all()
            steps = [step for *_, step in rows if "entitlements_" in step or " known" in step]
            assert steps
            assert all("_changed (tenant=?" in step for step in steps), steps
