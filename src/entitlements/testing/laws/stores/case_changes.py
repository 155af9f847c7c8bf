"""Laws of a store about the cases that changed since a mark."""

from __future__ import annotations

from typing import Final

import attrs
from hypothesis import given
from hypothesis import strategies as st

from entitlements.aftersales.surveys import Survey
from entitlements.ports.case_changes import ChangeMark
from entitlements.ports.service_records.service_record import ServiceRecord
from entitlements.ports.store import UnitOfWork
from entitlements.sla.case_history.events import Event
from entitlements.testing.laws.stores.transactions import HOUR, SOME, START, Law, Make, opened
from entitlements.testing.strategies import ports as draw

_IDS: Final = ("a", "b", "c", "d")
_WAYS: Final = ("case", "work", "record", "nothing")


def what_was_written_since_a_mark_is_found(make: Make) -> None:
    """A case is found after a mark if it, its work or a record about it was written, however."""

    @SOME
    @given(st.lists(st.tuples(st.sampled_from(_IDS), st.sampled_from(_WAYS)), max_size=8))
    def check(writes: list[tuple[str, str]]) -> None:
        store = opened(make)
        with store.begin("t") as work:
            assert work.case_changes.since(work.case_changes.mark()) == ()
            for id in _IDS:
                work.cases.open(draw.case(id))
                work.work_items.add(draw.work_item(id))
            work.commit()
        marks: list[ChangeMark] = []
        for number, (id, way) in enumerate(writes):
            with store.begin("t") as work:
                marks.append(work.case_changes.mark())
            with store.begin("t") as work:
                _write(work, id, way, number)
                work.commit()
        for number, mark in enumerate(marks):
            written = {id for id, way in writes[number:] if way != "nothing"}
            with store.begin("t") as work:
                found = work.case_changes.since(mark) or ()
                assert written <= set(found)  # of a busy database there may be more
                assert found == tuple(sorted(set(found)))
                after = work.case_changes.since(mark, "b")
                assert after == tuple(each for each in found if each > "b")
                assert work.case_changes.since(mark, most=1) == found[:1]

    check()


def _write(work: UnitOfWork, id: str, way: str, number: int) -> None:
    if way == "case":
        before = work.cases.case(id)
        at = START + number * HOUR
        work.cases.change(before, before.with_events([Event.responded(at)], at))
    elif way == "work":
        item = work.work_items.item(id)
        work.work_items.change(item, attrs.evolve(item, group=f"g{number}"))
    elif way == "record":
        survey = Survey(case=id, kind="csat" if number % 2 else "nps", asked=START)
        record = ServiceRecord(value=survey, recorded=START)
        known = work.service_records.history(record.kind, record.id)
        work.service_records.add(attrs.evolve(record, revision=len(known) + 1))


def a_mark_of_another_store_is_found_out(make: Make) -> None:
    """What was not written here, or is no longer there, is no state that changes follow."""
    first = opened(make)
    with first.begin("t") as work:
        nothing = work.case_changes.mark()
        work.cases.open(draw.case("a"))
        work.commit()
    with first.begin("t") as work:
        one = work.case_changes.mark()
        work.cases.open(draw.case("b"))
        assert work.case_changes.since(nothing) == ("a", "b")
        assert "b" in (work.case_changes.since(one) or ())
    second = opened(make)
    with second.begin("t") as work:
        assert work.case_changes.since(nothing) == ()
        assert work.case_changes.since(one) is None


CHANGE_LAWS: Final[tuple[Law, ...]] = (
    what_was_written_since_a_mark_is_found,
    a_mark_of_another_store_is_found_out,
)
