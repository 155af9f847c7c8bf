"""Changes of the hours of rights: openings, closings, the end of what is known."""

from __future__ import annotations

from datetime import date

import attrs
from tests.access.small import CATALOG, CONTRACT, MONDAY, PLAN, REQUEST

from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.compiled.lines import CompiledRight
from entitlements.access.validity.hours import all_closed_from, next_hours_change
from entitlements.calendars import BusinessHours, Calendar, HolidaySet
from entitlements.contracts import AccessRight, Account
from entitlements.kernel.instants import DAY, END_OF_TIME, HOUR, to_micros, utc

AT = to_micros(MONDAY)  # 10:00
KNOWN = HolidaySet(covered=(date(2026, 1, 1), date(2026, 3, 31)), beyond="error")
HOURS: dict[str, BusinessHours] = {
    "day": Calendar(zone="UTC", week="Mo-Su 08:00-20:00"),
    "night": Calendar(zone="UTC", week="Mo-Su 20:00-32:00"),
    "late": Calendar(zone="UTC", week="Mo-Su 19:00-32:00"),
    "never": Calendar.never(),
    "known": Calendar(zone="UTC", week="Mo-Su 08:00-20:00", holidays=KNOWN),
}


def rights(*hours: str | None) -> list[CompiledRight]:
    """Return compiled rights with these hours."""
    every = [AccessRight(id=f"r{n}", group="dba", hours=each) for n, each in enumerate(hours)]
    plan = attrs.evolve(PLAN, rights=every)
    catalog = attrs.evolve(CATALOG, calendars=HOURS, plans=[plan])
    index = AccountIndex(Account(customer="acme", contracts=[CONTRACT]), catalog)
    return list(index.request_class(REQUEST).lines[0].at(AT).rights)


def test_hours_change_at_the_next_closing_or_opening() -> None:
    (day,) = rights("day")
    assert next_hours_change(day, AT) == AT + 10 * HOUR
    assert next_hours_change(day, AT + 10 * HOUR) == AT + 22 * HOUR


def test_no_hours_and_hours_that_never_open_do_not_change() -> None:
    for each in rights(None, "never"):
        assert next_hours_change(each, AT) == END_OF_TIME


def test_what_is_known_of_hours_begins_and_ends() -> None:
    (known,) = rights("known")
    first, last = to_micros(utc("2026-01-01T00:00Z")), to_micros(utc("2026-04-01T00:00Z"))
    assert next_hours_change(known, first - 400 * DAY) == first
    assert next_hours_change(known, last - 3 * HOUR) == last + 1
    assert next_hours_change(known, last + 1) == END_OF_TIME


def test_rights_that_open_in_turns_are_never_all_closed() -> None:
    assert all_closed_from(rights("day", "night"), AT) == END_OF_TIME
    assert all_closed_from(rights("day", None), AT) == END_OF_TIME


def test_rights_that_leave_a_gap_are_all_closed_in_it() -> None:
    assert all_closed_from(rights("day"), AT) == AT + 10 * HOUR
    assert all_closed_from(rights("night"), AT) == AT
    assert all_closed_from(rights("day", "late"), AT) == END_OF_TIME


def test_where_hours_are_not_known_nothing_is_promised() -> None:
    assert all_closed_from(rights("known", "night"), to_micros(utc("2026-05-01T10:00Z"))) == (
        to_micros(utc("2026-05-01T10:00Z"))
    )
