"""Segments of a line: what is near to access in each, and for how long a candidate stays."""

from __future__ import annotations

from datetime import date, timedelta

import attrs
from tests.access.small import CATALOG, CONTRACT, MONDAY, PLAN, REQUEST

from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.validity.segments import Segment, lasting, segment_at, segments_after
from entitlements.contracts import Account, Block, Contract, NamedContact, OpenCase, Plan
from entitlements.kernel.instants import END_OF_TIME, to_micros, utc

AT = to_micros(MONDAY)
APRIL = to_micros(utc("2026-04-01T00:00Z"))
JANUARY = to_micros(utc("2027-01-01T00:00Z"))


def segment(
    most: int = 0, contract: Contract = CONTRACT, plan: Plan = PLAN, **held: object
) -> tuple[AccountIndex, Segment]:
    """Return the segment of the one line of an account around Monday."""
    account = Account(customer="acme", contracts=[contract], **held)  # type: ignore[arg-type]
    index = AccountIndex(account, attrs.evolve(CATALOG, plans=[plan]))
    line = index.request_class(REQUEST).lines[0]
    return index, segment_at(index, line, REQUEST, AT, most)


def test_a_segment_ends_with_the_term_of_the_contract() -> None:
    _, found = segment()
    assert found.end == JANUARY
    assert [each.failures for each in found.near] == [0]


def test_a_segment_ends_when_a_person_is_named_no_more() -> None:
    away = attrs.evolve(CONTRACT, contacts=[NamedContact(contact="dana", end=date(2026, 3, 31))])
    index, found = segment(contract=away)
    assert found.end == APRIL
    assert [(start, each.near) for start, each in segments_after(index, found, REQUEST, JANUARY, 0)]
    assert next(segments_after(index, found, REQUEST, JANUARY, 0))[1].near == []


def test_a_segment_ends_when_a_case_that_counts_is_closed() -> None:
    closed = MONDAY + timedelta(days=1)
    case = OpenCase(id="K", contract="C", line="1", opened=MONDAY, closed=closed)
    _, found = segment(plan=attrs.evolve(PLAN, concurrency=1), cases=[case])
    assert (found.end, found.near) == (to_micros(closed), [])


def test_a_candidate_with_more_failures_than_asked_for_is_not_near() -> None:
    stranger = attrs.evolve(CONTRACT, contacts=[NamedContact(contact="emil")])
    assert segment(contract=stranger)[1].near == []
    assert len(segment(1, contract=stranger)[1].near) == 1


def test_a_change_that_leaves_a_candidate_as_it_is_does_not_end_it() -> None:
    block = Block(id="B", start="2026-04-01T00:00Z", effects=["change"])
    index, found = segment(changes=[block])
    assert found.end == APRIL
    assert lasting(index, found, found.near[0], REQUEST, 0) == JANUARY


def test_a_line_without_an_end_lasts_for_good() -> None:
    index, found = segment(contract=attrs.evolve(CONTRACT, months=None))
    assert found.end == END_OF_TIME
    assert lasting(index, found, found.near[0], REQUEST, 0) == END_OF_TIME
    assert list(segments_after(index, found, REQUEST, END_OF_TIME, 0)) == []
